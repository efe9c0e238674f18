"""What every wire type shares: frozen, blind to keys it does not know, and one idea of time."""

from datetime import UTC, datetime
from typing import Any

import msgspec

EARLIEST_CREDIBLE = datetime(2000, 1, 1, tzinfo=UTC)


class Record(msgspec.Struct, frozen=True):
    """A value Fly told us. Unknown keys are ignored; null counts as absent (see codec)."""


def instant(value: Any) -> datetime | None:
    """The moment Fly means by a number (epoch milliseconds) or a text (RFC 3339).

    Event times have been seen in both forms. None for nothing, for Go's zero time, and for
    what is no time at all.
    """
    try:
        if isinstance(value, int | float):
            found = datetime.fromtimestamp(value / 1000, UTC)
        else:
            found = msgspec.convert(value, datetime)
    except (msgspec.ValidationError, OverflowError, OSError, ValueError):
        return None
    if found.tzinfo is None or found < EARLIEST_CREDIBLE:
        return None
    return found.astimezone(UTC)
