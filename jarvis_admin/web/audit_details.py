"""What exactly was done, in words: the details of an audit entry as pairs."""

from collections.abc import Iterator, Mapping
from typing import Any

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.quotas.kinds import Kind, written

_LONGEST = 160
_NANO = "_nano"

Pair = tuple[str, str]


def pairs(details: Mapping[str, Any]) -> list[Pair]:
    """Amounts with their unit; of before and after what differs; nothing longer than a line."""
    if isinstance(details.get("before"), dict) and isinstance(details.get("after"), dict):
        return list(_changes(details["before"], details["after"]))
    return list(_flat(details))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Pair]:
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield _words(key), f"{_value(key, old)} → {_value(key, new)}"


def _flat(details: Mapping[str, Any]) -> Iterator[Pair]:
    kind = details.get("kind")
    for key, value in details.items():
        if key in ("amount", "before", "after", "limit") and kind in set(Kind):
            yield _words(key), "no limit" if value is None else written(Kind(kind), int(value))
        elif isinstance(value, dict):
            yield from ((f"{_words(key)} {name}", said) for name, said in _flat(value))
        else:
            yield _words(key), _value(key, value)


def _value(key: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if key.endswith(_NANO) and isinstance(value, int):
        return f"{'−' if value < 0 else ''}${dollars(abs(value))}"
    if key in set(Kind) and isinstance(value, int):
        return written(Kind(key), value)
    if key in set(Kind) and isinstance(value, list):  # before and after
        return " → ".join(_value(key, part) for part in value)
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def _words(key: str) -> str:
    return key.removesuffix(_NANO).replace("_", " ").capitalize()
