"""Everything that is wrong with a price file: a sentence each, with its place."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from jarvis_admin.domain.figures import Figures
from jarvis_admin.domain.price_list import PriceList
from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.errors import Invalid

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_REGION = re.compile(r"[a-z]{3}")
_KNOWN = frozenset(
    {
        "version",
        "effective_from",
        "note",
        "compute",
        "memory_usd_per_gb_second",
        "region_multipliers",
        "rootfs_usd_per_gb_month",
        "volume_usd_per_gb_month",
        "snapshot",
        "egress",
        "addresses_usd_per_month",
        "object_store",
        "presets",
        "reservations",
    }
)
_WORDS = frozenset({"version", "effective_from", "note"})
_MOST_DIGITS = 24


def read_file(content: bytes) -> dict[str, Any]:
    """A parsed price file; Invalid says where it stops being JSON."""
    try:
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_no_doubles)
    except UnicodeDecodeError as error:
        raise Invalid(
            f"The file is not UTF-8 text: byte {error.start + 1} is no letter."
        ) from error
    except json.JSONDecodeError as error:
        raise Invalid(
            f"The file is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except (RecursionError, ValueError) as error:
        raise Invalid(
            "The file is not a price file: its sections or its numbers are too long."
        ) from error
    if not isinstance(data, dict):
        raise Invalid("The file is JSON, but not a table of names and figures.")
    return data


def problems(figures: dict[str, Any]) -> list[str]:
    """Empty: the figures can be a price book."""
    found = [*_unknown(figures), *_sizes_of_figures(figures, "")]
    if not found:
        found = [*_unreadable(figures)]
    if not found:
        found = [*_doubtful(figures)]
    return found


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise Invalid(f"Price file: {name} stands there twice.")
    return dict(pairs)


def _unknown(figures: dict[str, Any]) -> Iterator[str]:
    for name in figures:
        if name not in _KNOWN:
            yield f"Price file: {name[:60]} is not a name that a price file has."


def _sizes_of_figures(value: object, place: str) -> Iterator[str]:
    """Before anything is computed: a figure of a million digits is valid decimal text."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _sizes_of_figures(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _sizes_of_figures(inner, f"{place}[{number}]")
    elif isinstance(value, str | int) and not isinstance(value, bool) and place not in _WORDS:
        yield from _too_large(value, place)


def _largest(place: str) -> int:
    """A slip of the decimal point must not become a bill, nor a number that overflows."""
    if place.endswith("_second"):
        return 1
    if place.startswith("region_multipliers."):
        return 100
    return 1_000_000 if place.endswith("_mb_per_cpu") else 100_000


def _too_large(value: str | int, place: str) -> Iterator[str]:
    largest = _largest(place)
    try:
        figure = Decimal(value)
    except InvalidOperation:
        return
    if not figure.is_finite():
        yield f"Price file: {place} is not an amount of zero or more."
    elif abs(figure.adjusted()) > _MOST_DIGITS or len(figure.as_tuple().digits) > _MOST_DIGITS:
        yield f"Price file: {place} has more digits than a price can have."
    elif figure > largest:
        yield f"Price file: {place} is more than {largest:,}; is its decimal point right?"


def _unreadable(figures: dict[str, Any]) -> Iterator[str]:
    file = Figures(figures)
    readers: list[Callable[[], object]] = [
        lambda: file.text("version"),
        lambda: file.instant("effective_from"),
        *_each(file, "compute", lambda cpu: (cpu.amount("usd_per_cpu_second"),)),
        *_each(file, "compute", lambda cpu: (cpu.whole("included_mb_per_cpu"),)),
        lambda: file.amount("memory_usd_per_gb_second"),
        lambda: file.amounts("region_multipliers"),
        lambda: file.amount("rootfs_usd_per_gb_month"),
        lambda: file.amount("volume_usd_per_gb_month"),
        lambda: file.section("snapshot").amount("usd_per_gb_month"),
        lambda: file.section("snapshot").whole("free_gb"),
        *_each(file, "egress", lambda group: (group.amount("usd_per_gb"),)),
        *_each(file, "egress", lambda group: (group.texts("regions"),)),
        lambda: file.amounts("addresses_usd_per_month"),
        lambda: "object_store" in file and file.section("object_store").amount("usd_per_gb_month"),
    ]
    complaints = [complaint for reader in readers for complaint in _complaint(reader)]
    if not complaints:
        # The parts are right; now what holds them together.
        complaints = [
            *_complaint(lambda: PriceBook.from_dict(figures)),
            *_complaint(lambda: PriceList.from_dict(figures)),
        ]
    yield from dict.fromkeys(complaints)


def _each(
    file: Figures, key: str, read: Callable[[Figures], object]
) -> Iterator[Callable[[], object]]:
    try:
        names = list(file.section(key))
    except Invalid:
        yield lambda: file.section(key)
        return
    for name in names:
        yield lambda name=name: read(file.section(key).section(name))  # type: ignore[misc]


def _complaint(reader: Callable[[], object]) -> list[str]:
    try:
        reader()
    except Invalid as invalid:
        return [str(invalid)]
    return []


def _doubtful(figures: dict[str, Any]) -> Iterator[str]:
    if not _VERSION.fullmatch(figures["version"]):
        yield "Price file: version takes up to 32 letters, digits, dots and dashes."
    for region in figures["region_multipliers"]:
        if not _REGION.fullmatch(region):
            yield f"Price file: region_multipliers.{region[:20]} is not a region of three letters."
    listed: set[str] = set()
    for group, prices in figures["egress"].items():
        for region in prices["regions"]:
            if region in listed:
                yield f"Price file: egress.{group}.regions has {region}, as another group has."
            listed.add(region)


def refuse_unless_later(effective_from: datetime, now: datetime) -> None:
    """Past days never move: a book comes into force after now, never before."""
    if effective_from <= now:
        raise Invalid(
            f"The prices are dated {effective_from.astimezone(UTC):%Y-%m-%d %H:%M} UTC, which is "
            "past: what was billed never moves. Give a moment to come."
        )
