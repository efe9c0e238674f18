"""Month-end forecasts of the fleet, of plans, regions and users, from the roll-ups alone.

The fleet and a user are known up to now, open intervals included. A plan or a region is known
up to last midnight: what is open is not rolled up by them, so today is foretold too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.forecast import Forecast, History, forecast
from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.metering import month_to_date
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import CostCell, FleetBurn, FleetDay, UsageDay, Workspace
from jarvis_admin.services.costs import Burn, spread

__all__ = ["Forecast", "Scope", "fleet_days", "month_end", "month_ends"]

Scope = Literal["fleet", "plan", "region", "user"]

STEADY = frozenset({Component.VOLUME, Component.SNAPSHOT, Component.ARCHIVE, Component.ADDRESS})
# Booked when they are known; nobody can foretell a refund.
BOOKED = frozenset({Component.RESERVATION, Component.ADJUSTMENT})
LOOKS_BACK = timedelta(days=91)  # thirteen whole weeks
_AT_ONCE = 500

_f, _b, _c, _u, _w = (
    model.__table__.c for model in (FleetDay, FleetBurn, CostCell, UsageDay, Workspace)
)


@dataclass
class Days:
    """Nanodollars by day of one key: what is kept, what is used, what was booked."""

    steady: dict[date, int]
    lively: dict[date, int]
    booked: dict[date, int]

    @classmethod
    def empty(cls) -> "Days":
        return cls(defaultdict(int), defaultdict(int), defaultdict(int))

    def add(self, day: date, component: str, nano: int) -> None:
        kinds = ((STEADY, self.steady), (BOOKED, self.booked))
        kept = next((days for names, days in kinds if component in names), self.lively)
        kept[day] += nano

    def known(self) -> list[date]:
        return sorted({*self.steady, *self.lively})

    def history(self, today: date, since: date = date.min) -> History:
        """From the first whole day, at the earliest `since`, to yesterday."""
        known = [day for day in self.known() if day < today]
        if not known:
            return History(today, (), ())
        # The first day began some time during that day.
        first = max(known[0] + timedelta(days=len(known) > 1), since)
        days = [first + timedelta(days=n) for n in range((today - first).days)]
        return History(
            first,
            [self.steady.get(day, 0) for day in days],
            [self.lively.get(day, 0) for day in days],
        )

    def sum(self, since: date, until: date) -> int:
        """`until` is not part of it."""
        return sum(
            nano
            for days in (self.steady, self.lively, self.booked)
            for day, nano in days.items()
            if since <= day < until
        )


def month_end(session: Session, scope: Scope, key: str, now: datetime) -> Forecast:
    """At most two statements; a key without any cost is foretold nothing."""
    return month_ends(session, scope, [key], now)[key]


def month_ends(
    session: Session, scope: Scope, keys: Iterable[str], now: datetime
) -> dict[str, Forecast]:
    """At most two statements for each 500 keys; `keys` are plan keys, regions or handles."""
    wanted = list(dict.fromkeys(keys))
    if scope == "fleet":
        found = _fleet(session, now)
        return dict.fromkeys(wanted, found)
    of = _users if scope == "user" else _cells
    told: dict[str, Forecast] = {}
    for n in range(0, len(wanted), _AT_ONCE):
        told |= of(session, scope, wanted[n : n + _AT_ONCE], now)
    return told


def fleet_days(session: Session, since: date, until: date) -> Days:
    """Closed days of the fleet; `until` is not among them."""
    rows = session.execute(
        select(_f.day, _f.component, _f.amount_nano).where(_f.day >= since, _f.day < until)
    )
    days = Days.empty()
    for day, component, nano in rows:
        days.add(day, component, int(nano))
    return days


def _fleet(session: Session, now: datetime) -> Forecast:
    today, month = now.date(), Month.of(now)
    since = min(today - LOOKS_BACK, month.first)
    days = fleet_days(session, since, month.following.first)
    burns = [
        Burn(*row)
        for row in session.execute(select(_b.component, _b.rate_pico, _b.accrued_nano, _b.as_of))
    ]
    for (day, component), nano in spread(burns, now).items():
        days.add(day, component, nano)
    spent = days.sum(month.first, month.following.first)
    steady = [burn.rate_pico for burn in burns if burn.component in STEADY]
    return forecast(days.history(today), now, spent, sum(steady) if steady else None)


def _cells(
    session: Session, scope: Scope, keys: Sequence[str], now: datetime
) -> Mapping[str, Forecast]:
    today, month = now.date(), Month.of(now)
    column = _c.plan if scope == "plan" else _c.region
    rows = session.execute(
        select(column, _c.day, _c.component, func.sum(_c.amount_nano))
        .where(_c.day >= min(today - LOOKS_BACK, month.first), column.in_(keys))
        .group_by(column, _c.day, _c.component)
    )
    days = _by_key(rows)
    midnight = datetime.combine(today, time(), now.tzinfo)
    return {key: _until_midnight(days[key], midnight) for key in keys}


def _until_midnight(days: Days, midnight: datetime) -> Forecast:
    month = Month.of(midnight)
    spent = days.sum(month.first, midnight.date())
    # Today's bookings are known, and nothing else tells of them.
    spent += sum(nano for day, nano in days.booked.items() if day >= midnight.date())
    return forecast(days.history(midnight.date()), midnight, spent)


def _users(
    session: Session, _scope: Scope, handles: Sequence[str], now: datetime
) -> Mapping[str, Forecast]:
    month, today = Month.of(now), now.date()
    # Each half has an index of its own.
    live = and_(_w.handle.in_(handles), _w.destroyed_at.is_(None))
    gone = and_(
        _w.state == MachineState.DESTROYED,
        _w.handle.in_(handles),
        _w.destroyed_at >= month.start,
    )
    rows = session.execute(
        select(_w.id, _w.handle, _w.destroyed_at, _w.month_nano, _w.rate_pico, _w.metered_at).where(
            or_(live, gone)
        )
    ).all()
    days = _by_key(_usage(session, [row.id for row in rows], min(today - LOOKS_BACK, month.first)))
    mine, ended = {}, defaultdict[str, int](int)
    for row in rows:
        if row.destroyed_at is None:
            mine[row.handle] = row
        else:
            ended[row.handle] += days[row.id].sum(month.first, month.following.first)
    return {handle: _of_user(mine.get(handle), days, ended[handle], now) for handle in handles}


def _of_user(row: Any, days: Mapping[Any, Days], ended: int, now: datetime) -> Forecast:
    if row is None:
        return forecast(History(now.date(), (), ()), now, ended)
    spent = ended + month_to_date(row.month_nano, row.rate_pico, row.metered_at, now)
    history = days[row.id].history(now.date())
    # Before the first whole day there is nothing to go by but what it costs at this moment.
    return forecast(history, now, spent, None if history.steady else row.rate_pico)


def _usage(session: Session, ids: Sequence[int], since: date) -> Iterable[Any]:
    """Three rows a day at most, whatever the number of components."""
    kind = case(
        (_u.component.in_(sorted(STEADY)), Component.VOLUME),
        (_u.component.in_(sorted(BOOKED)), Component.ADJUSTMENT),
        else_=Component.COMPUTE,
    ).label("kind")
    return session.execute(
        select(_u.workspace_id, _u.day, kind, func.sum(_u.amount_nano))
        .where(_u.workspace_id.in_(ids), _u.day >= since)
        .group_by(_u.workspace_id, _u.day, kind)
    )


def _by_key(rows: Iterable[Any]) -> defaultdict[Any, Days]:
    days: defaultdict[Any, Days] = defaultdict(Days.empty)
    for key, day, component, nano in rows:
        days[key].add(day, component, int(nano))
    return days
