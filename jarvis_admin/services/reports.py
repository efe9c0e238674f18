"""Costs of a period by day or month and by band: what charts, tables and files of reports show."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from jarvis_admin.domain.money import microseconds, round_half_even
from jarvis_admin.domain.periods import Period, Step
from jarvis_admin.services.costs import STACK, UNALLOCATED
from jarvis_admin.services.report_terms import Narrowing

OTHERS = "others"
_MOST_BANDS = 11
_DAY_MICROS = 86_400 * 10**6

Amounts = Mapping[tuple[date, str], int]


class Group(StrEnum):
    COMPONENT = "component"
    PLAN = "plan"
    REGION = "region"
    SIZE = "size"
    USER_GROUP = "group"
    OWNER = "owner"


@dataclass(frozen=True)
class Days:
    """Nanodollars by day and band, of every day of a period."""

    period: Period
    amounts: Amounts

    def sums(self) -> dict[str, int]:
        sums: dict[str, int] = defaultdict(int)
        for (_, band), nano in self.amounts.items():
            sums[band] += nano
        return sums

    def until_the_same_moment(self, now: datetime) -> "Days":
        """Of the last day only the share that has passed of the day it is compared with."""
        passed = microseconds(now - datetime.combine(now.date(), time(), UTC))
        amounts = {
            key: round_half_even(nano * passed, _DAY_MICROS) if key[0] == self.period.last else nano
            for key, nano in self.amounts.items()
        }
        return Days(self.period, amounts)


@dataclass(frozen=True)
class Report:
    """Nanodollars by step and band; every figure of the page, the chart and the file is of these.

    `folded` bands were too small for one of their own and are in `others`; `hidden` is what a
    condition on the cost of bands left out. `before` has the keys of what it is compared with.
    """

    starts: tuple[date, ...]
    bands: tuple[str, ...]
    amounts: Amounts
    before: Amounts | None = None
    folded: tuple[str, ...] = ()
    hidden: int = 0

    @property
    def total(self) -> int:
        return sum(self.amounts.values())

    @property
    def total_before(self) -> int:
        return sum((self.before or {}).values())

    def at(self, start: date, band: str) -> int:
        return self.amounts.get((start, band), 0)

    def of_start(self, start: date) -> int:
        return sum(self.at(start, band) for band in self.bands)

    def of_band(self, band: str) -> int:
        return sum(self.at(start, band) for start in self.starts)

    def before_start(self, start: date) -> int:
        return sum((self.before or {}).get((start, band), 0) for band in self.bands)

    def before_band(self, band: str) -> int:
        return sum((self.before or {}).get((start, band), 0) for start in self.starts)


def shape(now: Days, before: Days | None, group: Group, step: Step, keep: Narrowing) -> Report:
    """Days put together to steps, small bands folded into one, the rest in stacking order.

    The first step before stands beside the first step now, and so on.
    """
    starts = now.period.starts(step)
    earlier = before.period.starts(step) if before else ()
    beside = {start: starts[min(n, len(starts) - 1)] for n, start in enumerate(earlier)}
    sums, sums_before = now.sums(), before.sums() if before else {}
    kept = {
        band: sums.get(band, 0)
        for band in sums.keys() | sums_before.keys()
        if (sums.get(band) or sums_before.get(band)) and keep.keeps(sums.get(band, 0))
    }
    shown, folded = _fold(kept, group)
    into = {band: OTHERS if band in folded else band for band in kept}
    return Report(
        starts,
        shown,
        _put(now, into, {start: start for start in starts}, step),
        _put(before, into, beside, step) if before else None,
        folded,
        sum(nano for band, nano in sums.items() if band not in kept),
    )


def _put(
    days: Days, into: Mapping[str, str], beside: Mapping[date, date], step: Step
) -> dict[tuple[date, str], int]:
    put: dict[tuple[date, str], int] = defaultdict(int)
    for (day, band), nano in days.amounts.items():
        if band in into:
            put[beside[step.start_of(day)], into[band]] += nano
    return put


def _fold(sums: Mapping[str, int], group: Group) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if group is Group.COMPONENT:
        found = [str(band) for band in STACK if band in sums]
        return (*found, *sorted(sums.keys() - set(found))), ()
    own = sorted(sums.keys() - {UNALLOCATED}, key=lambda band: (-sums[band], band))
    last = (UNALLOCATED,) * (UNALLOCATED in sums)
    if len(own) <= _MOST_BANDS:
        return (*own, *last), ()
    return (*own[: _MOST_BANDS - 1], OTHERS, *last), tuple(own[_MOST_BANDS - 1 :])
