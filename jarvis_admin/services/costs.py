"""What the fleet costs, by day and component: closed days, and what is open up to now.

Nothing here reads an interval or a workspace: a month is a few hundred roll-up rows, whatever
the size of the fleet.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.metering import cut_at_midnights
from jarvis_admin.domain.money import amount_nano, microseconds, round_half_even
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import FleetBurn, FleetDay, PriceBookVersion

# Not components, but bands of their own beside them: see cost_bands.
IDLE, UNALLOCATED = "idle", "unallocated"

# As charts stack them: what is steady at the bottom.
STACK = (
    Component.VOLUME,
    Component.COMPUTE,
    IDLE,
    Component.ROOTFS,
    Component.EGRESS,
    Component.SNAPSHOT,
    Component.ARCHIVE,
    Component.HELPER,
    Component.ADDRESS,
    Component.RESERVATION,
    Component.ADJUSTMENT,
    UNALLOCATED,
)
_DAY = timedelta(days=1)

_d, _b, _p = FleetDay.__table__.c, FleetBurn.__table__.c, PriceBookVersion.__table__.c

# Built once: to build them took a tenth of the page they are read for.
_CLOSED = select(
    _d.day, _d.component, _d.amount_nano, select(func.min(_d.day)).scalar_subquery()
).where(_d.day >= bindparam("first"), _d.day < bindparam("until"))
_BURNS = select(_b.component, _b.rate_pico, _b.accrued_nano, _b.as_of)
_BOOKS = (
    select(_p.version, _p.effective_from)
    .where(_p.effective_from < bindparam("end"))
    .order_by(_p.effective_from, _p.version)
)

Amounts = Mapping[tuple[date, str], int]


class Burn(NamedTuple):
    """What the open intervals of a component cost on the day of `as_of`, and by the second."""

    component: str
    rate_pico: int
    accrued_nano: int
    as_of: datetime


@dataclass(frozen=True)
class Grid:
    """Nanodollars by day and component; every sum on a page, a chart or in a file is of these."""

    days: tuple[date, ...]
    amounts: Amounts

    @property
    def components(self) -> tuple[str, ...]:
        """Those with an amount, as they are stacked; one we do not know comes last."""
        found = {component for (_, component), nano in self.amounts.items() if nano}
        known = [str(component) for component in STACK if component in found]
        return (*known, *sorted(found - set(known)))

    @property
    def total(self) -> int:
        return sum(self.amounts.values())

    def at(self, day: date, component: str) -> int:
        return self.amounts.get((day, component), 0)

    def of_day(self, day: date) -> int:
        return self._by_day[day]

    def of_component(self, component: str) -> int:
        return self._by_component[component]

    @cached_property
    def _by_day(self) -> Counter[date]:
        sums: Counter[date] = Counter()
        for (day, _), nano in self.amounts.items():
            sums[day] += nano
        return sums

    @cached_property
    def _by_component(self) -> Counter[str]:
        sums: Counter[str] = Counter()
        for (_, component), nano in self.amounts.items():
            sums[component] += nano
        return sums

    def until(self, moment: datetime) -> "Grid":
        """What was spent before that moment; of its own day the share that had passed."""
        day, midnight = moment.date(), datetime.combine(moment.date(), time(), UTC)
        passed = microseconds(moment - midnight)
        amounts = {
            (on, component): nano
            if on < day
            else round_half_even(nano * passed, microseconds(_DAY))
            for (on, component), nano in self.amounts.items()
            if on <= day
        }
        return Grid(tuple(on for on in self.days if on <= day), amounts)


@dataclass(frozen=True)
class MonthCosts:
    """A month as far as it has gone, and the one before: whole, and to the same moment."""

    month: Month
    grid: Grid
    before: Grid
    before_whole: Grid
    rate_pico: int  # what every further second adds; 0 in a month that is over
    oldest: date | None  # closed day there is; None: none in these two months


@dataclass(frozen=True)
class Book:
    version: str
    effective_from: datetime


def month_costs(session: Session, month: Month, now: datetime) -> MonthCosts:
    """Two statements."""
    amounts, oldest = _closed(session, month.previous.first, month.following.first)
    burns = _burns(session)
    for key, nano in spread(burns, now).items():
        amounts[key] += nano
    previous = _grid(month.previous, amounts, now)
    return MonthCosts(
        month,
        _grid(month, amounts, now),
        previous.until(month.same_moment_before(now)),
        previous,
        sum(burn.rate_pico for burn in burns) if month == Month.of(now) else 0,
        oldest,
    )


def spread(burns: Iterable[Burn], now: datetime) -> Amounts:
    """The open intervals' cost up to `now` on the days it belongs to.

    Usually that is today; when the worker has not renewed the figures since before midnight, it
    is each day since.
    """
    amounts: dict[tuple[date, str], int] = defaultdict(int)
    for burn in burns:
        amounts[burn.as_of.date(), burn.component] += burn.accrued_nano
        for day, begin, end in cut_at_midnights(burn.as_of, now):
            amounts[day, burn.component] += amount_nano(burn.rate_pico, end - begin)
    return amounts


def first_month(session: Session, now: datetime) -> Month:
    """The month of the oldest closed day; this one, when nothing is closed yet."""
    oldest = session.scalar(select(func.min(_d.day)))
    return Month.of(oldest or now)


def books(session: Session, month: Month) -> list[Book]:
    """The price books in force during the month, oldest first."""
    known = [Book(*row) for row in session.execute(_BOOKS, {"end": month.end})]
    later = [book for book in known if book.effective_from > month.start]
    return [*known[: len(known) - len(later)][-1:], *later]


def _closed(
    session: Session, first: date, until: date
) -> tuple[dict[tuple[date, str], int], date | None]:
    """And the oldest day of all, which comes with the first of them for nothing."""
    rows = session.execute(_CLOSED, {"first": first, "until": until}).all()
    amounts = {(day, component): nano for day, component, nano, _ in rows}
    return defaultdict(int, amounts), rows[0][3] if rows else None


def _burns(session: Session) -> list[Burn]:
    return [Burn(*row) for row in session.execute(_BURNS)]


def _grid(month: Month, amounts: Amounts, now: datetime) -> Grid:
    days = month.days(now)
    begun = set(days)
    return Grid(days, {key: nano for key, nano in amounts.items() if key[0] in begun})
