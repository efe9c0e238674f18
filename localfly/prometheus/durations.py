"""Prometheus's durations ("1h30m") and instants (Unix seconds or RFC 3339)."""

import math
import re
from datetime import datetime

from localfly.prometheus.errors import bad_parameter

_SECONDS = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86_400.0,
    "w": 7 * 86_400.0,
    "y": 365 * 86_400.0,
}
_PART = re.compile(r"(\d+)(ms|[smhdwy])", re.ASCII)
_LATEST = 253_402_300_799.0  # the last second of the year 9999


def duration(text: str) -> float:
    """Seconds. The text is one that the lexer called a duration."""
    return sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def instant(name: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = _rfc3339(text)
    if not 0 <= found <= _LATEST:
        raise bad_parameter(name, f'cannot parse "{text}" to a valid timestamp')
    return found


def step(text: str) -> float:
    """A positive number of seconds, bare or as a duration."""
    try:
        found = float(text)
    except ValueError:
        found = duration(text) if re.fullmatch(f"(?:{_PART.pattern})+", text) else math.nan
    if math.isnan(found) or math.isinf(found):
        raise bad_parameter("step", f'cannot parse "{text}" to a valid duration')
    if found <= 0:
        raise bad_parameter(
            "step",
            "zero or negative query resolution step widths are not accepted."
            " Try a positive integer",
        )
    return found


def _rfc3339(text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    return math.nan if found.tzinfo is None else found.timestamp()
