"""What counts as a sign of life of a machine, and what of its time nobody used."""

from collections.abc import Iterable
from datetime import datetime, timedelta

# A shell at its prompt and the answers to health checks stay well below both.
_BUSY_SHARE = 0.05  # of one CPU
_BYTES_A_SECOND = 500

Span = tuple[datetime, datetime]


def shows_life(busy_seconds: float, sent_bytes: float, over: timedelta) -> bool:
    seconds = over.total_seconds()
    if seconds <= 0:
        return False
    return busy_seconds / seconds >= _BUSY_SHARE or sent_bytes / seconds >= _BYTES_A_SECOND


def overlap(span: Span, lively: Iterable[Span]) -> timedelta:
    """How much of the span lies in any of the others, which do not overlap each other."""
    start, end = span
    parts = (min(end, until) - max(start, since) for since, until in lively)
    return sum((part for part in parts if part > timedelta()), timedelta())
