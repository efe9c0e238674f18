"""Brakes tried on days that are over: who would have been suspended, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from jarvis_admin.domain.quotas.kinds import Kind

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """What a workspace used on one UTC day."""

    day: date
    running: int  # seconds
    dollars: int  # nanodollars

    def of(self, kind: Kind) -> int:
        return self.running if kind is Kind.RUNNING else self.dollars


@dataclass(frozen=True)
class Crossing:
    """Where the sum of a month reached the limit; `at` lies evenly within its day."""

    kind: Kind
    at: datetime
    limit: int
    used: int  # in the whole month, without a brake

    @property
    def past(self) -> int:
        return self.used - self.limit


def crossing(kind: Kind, limit: int, days: Iterable[Day]) -> Crossing | None:
    """The days are of one month, oldest first."""
    total, at = 0, None
    for day in days:
        amount = day.of(kind)
        if at is None and total + amount >= limit and (amount or limit == 0):
            share = _DAY * ((limit - total) / amount) if amount else timedelta()
            at = datetime.combine(day.day, time(), UTC) + max(share, timedelta())
        total += amount
    return None if at is None else Crossing(kind, at, limit, total)


def first_crossing(limits: dict[Kind, int], days: Iterable[Day]) -> Crossing | None:
    """Of several limits, the one that would have been met first."""
    days = tuple(days)
    found = [crossing(kind, limit, days) for kind, limit in limits.items()]
    return min((one for one in found if one), key=lambda one: one.at, default=None)
