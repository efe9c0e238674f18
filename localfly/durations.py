"""Fly's durations: "1m30s" in words, a bare number in nanoseconds."""

import re

from localfly.errors import bad_request

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")


def seconds(duration: object) -> float:
    if isinstance(duration, int | float):
        return duration / 1e9
    parts = _PART.findall(str(duration))
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise bad_request(f"invalid duration {duration!r}")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
