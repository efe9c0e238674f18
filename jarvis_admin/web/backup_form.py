"""A backup policy as a form: what was typed, read into terms and back. Empty inherits."""

import re
from collections.abc import Mapping

from jarvis_admin.domain import backup_terms
from jarvis_admin.errors import Invalid
from jarvis_admin.services.backup_policies import FIELDS, Terms, Value
from jarvis_admin.web import backup_words

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
CLOCKS = ("at_minute", "quiet_from", "quiet_until")
COUNTS = ("keep_last", "keep_daily", "keep_weekly", "keep_monthly")
DAYS = ("snapshot_days", "undo_days", "prove_days")


def typed(terms: Terms) -> dict[str, str]:
    return {name: _typed(name, terms.get(name)) for name in FIELDS}


def sent(fields: Mapping[str, str]) -> dict[str, str]:
    """As they were typed, to be shown again."""
    return {name: fields.get(name, "").strip()[:64] for name in FIELDS}


def read(fields: Mapping[str, str]) -> Terms:
    """Invalid with the first field that cannot be read."""
    return {name: _read(name, text) for name, text in sent(fields).items()}


def _typed(name: str, value: Value) -> str:
    if value is None:
        return ""
    return backup_terms.clock(int(value)) if name in CLOCKS else str(value)


def _read(name: str, text: str) -> Value:
    if not text:
        return None
    if name == "timezone":
        return text
    if name in CLOCKS:
        return _minute(name, text)
    if not text.isdecimal() or len(text) > 6:
        raise Invalid(f"{backup_words.FIELDS[name]}: “{text[:20]}” is not a whole number.")
    return int(text)


def _minute(name: str, text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise Invalid(f"{backup_words.FIELDS[name]}: write a time like 03:30, not “{text[:20]}”.")
    return int(found[1]) * 60 + int(found[2])
