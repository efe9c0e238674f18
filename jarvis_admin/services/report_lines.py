"""Who a report's figure is made of: its users, dearest first, and the lines that nobody owns.

The roll-ups of users answer while only days and components narrow; plans, regions, sizes and
owners are known to the lines alone. Either way the sum is the figure's, to the nanodollar.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.metering import cut_at_midnights
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.periods import Period
from jarvis_admin.domain.pricing import UNSIZED
from jarvis_admin.models import (
    CostCell,
    IdleDay,
    Interval,
    LedgerEntry,
    UsageDay,
    Workspace,
    WorkspaceMonth,
)
from jarvis_admin.services.report_terms import Narrowing

MOST_DAYS = 31

_w, _u, _m = Workspace.__table__.c, UsageDay.__table__.c, WorkspaceMonth.__table__.c
_c, _idle = CostCell.__table__.c, IdleDay.__table__.c
_e = LedgerEntry.__table__.select().add_columns(literal("").label("size")).subquery().c
_interval = Interval.__table__.c
# As in the cube.
_SIZE = case((_interval.component.in_(sorted(UNSIZED)), ""), else_=_interval.size).label("size")
_i: Mapping[str, Any] = {**dict(_interval.items()), "size": _SIZE}


@dataclass(frozen=True)
class Stray:
    """A line without a user: a stretch, or what was booked for a day."""

    day: date
    component: str
    owner: str
    what: str  # Fly's id, or the kind of entry
    note: str
    nano: int


@dataclass(frozen=True)
class Lines:
    """`users` is ordered: the dearest first."""

    users: Mapping[str, int]
    strays: Sequence[Stray]

    @property
    def total(self) -> int:
        return sum(self.users.values()) + sum(stray.nano for stray in self.strays)


def lines(session: Session, narrowing: Narrowing, period: Period, now: datetime) -> Lines:
    """Of at most MOST_DAYS days. A user with two workspaces is one row, as on the user's page."""
    strays = list(_strays(session, narrowing, period)) if narrowing.workspaces is None else []
    users = _closed(session, narrowing, period, sum(stray.nano for stray in strays))
    if period.until > now.date():
        for handle, stray in _open(session, narrowing, period, now):
            if handle is None:
                strays.append(stray)
            else:
                users[handle] += stray.nano
    strays.sort(key=lambda stray: (stray.day, stray.component, stray.what), reverse=True)
    return Lines(dearest(users), strays)


def idle(session: Session, narrowing: Narrowing, period: Period) -> Counter[str]:
    """What of users' compute showed no sign of life."""
    return _by_handle(
        session,
        select(_w.handle, func.sum(_idle.amount_nano))
        .where(_idle.workspace_id == _w.id, _idle.day >= period.first, _idle.day < period.until)
        .where(*_named(_w.id, narrowing)),
    )


def dearest(users: Mapping[str, int]) -> dict[str, int]:
    found = [(handle, nano) for handle, nano in users.items() if nano]
    return dict(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _closed(session: Session, narrowing: Narrowing, period: Period, strays: int) -> Counter[str]:
    if narrowing.workspaces is None and narrowing.fields <= {"component", "owner"}:
        rolled_up = _rolled_up(session, narrowing, period)
        # An owner may leave out a part of somebody's, say a parked volume: then the lines tell.
        if rolled_up.total() + strays == _figure(session, narrowing, period):
            return rolled_up
    return _of_lines(session, narrowing, period)


def _rolled_up(session: Session, narrowing: Narrowing, period: Period) -> Counter[str]:
    """From the month, when it is whole and nothing narrows it."""
    month = Month.of(period.first)
    if not narrowing.fields and (period.first, period.until) == (
        month.first,
        month.following.first,
    ):
        found = select(_w.handle, func.sum(_m.amount_nano))
        return _by_handle(session, found.where(_m.workspace_id == _w.id, _m.month == month.first))
    components = [term for term in narrowing.terms if term.field == "component"]
    found = select(_w.handle, func.sum(_u.amount_nano)).where(
        _u.workspace_id == _w.id,
        _u.day >= period.first,
        _u.day < period.until,
        *Narrowing(tuple(components)).conditions(_u),
    )
    return _by_handle(session, found)


def _figure(session: Session, narrowing: Narrowing, period: Period) -> int:
    found = select(func.coalesce(func.sum(_c.amount_nano), 0)).where(
        _c.day >= period.first, _c.day < period.until, *narrowing.conditions(_c)
    )
    return int(session.scalar(found) or 0)


def _of_lines(session: Session, narrowing: Narrowing, period: Period) -> Counter[str]:
    # Workspace by workspace, by the index of intervals: their days are never all read.
    intervals = (
        select(_w.handle, func.sum(_i["amount_nano"]))
        .where(_i["workspace_id"] == _w.id, *_stretch(period), *narrowing.conditions(_i))
        .where(*_named(_w.id, narrowing))
    )
    entries = (
        select(_w.handle, func.sum(_e.amount_nano))
        .where(_e.workspace_id == _w.id, _e.day >= period.first, _e.day < period.until)
        .where(*narrowing.conditions(_e), *_named(_w.id, narrowing))
    )
    users = _by_handle(session, intervals)
    users.update(_by_handle(session, entries))
    return users


def _strays(session: Session, narrowing: Narrowing, period: Period) -> Iterator[Stray]:
    told = (_interval.component, _interval.owner, _interval.resource_id, _interval.size)
    intervals = session.execute(
        select(_interval.started_at, *told, _interval.region, _interval.amount_nano)
        .where(_interval.workspace_id.is_(None), *_stretch(period))
        .where(*narrowing.conditions(_i))
    )
    for at, component, owner, resource, size, region, nano in intervals:
        yield Stray(at.date(), component, owner, resource, f"{size}, {region}", nano)
    entries = session.execute(
        select(_e.day, _e.component, _e.owner, _e.kind, _e.reason, _e.amount_nano)
        .where(_e.workspace_id.is_(None), _e.day >= period.first, _e.day < period.until)
        .where(*narrowing.conditions(_e))
    )
    for row in entries:
        yield Stray(*row)


def _open(
    session: Session, narrowing: Narrowing, period: Period, now: datetime
) -> Iterator[tuple[str | None, Stray]]:
    names = ("started_at", "component", "owner", "resource_id", "region", "rate_pico")
    rows = session.execute(
        select(_w.handle, _interval.size.label("is_size"), *(_i[name] for name in names))
        .select_from(Interval.__table__.outerjoin(Workspace.__table__, _w.id == _i["workspace_id"]))
        .where(_i["ended_at"].is_(None), *narrowing.conditions(_i))
        .where(*_named(_i["workspace_id"], narrowing))
    )
    for handle, size, started, component, owner, resource, region, rate in rows:
        for day, begin, end in cut_at_midnights(started, now):
            if period.first <= day < period.until:
                nano = amount_nano(rate, end - begin)
                note = f"{size}, {region}, open"
                yield handle, Stray(day, component, owner, resource, note, nano)


def _stretch(period: Period) -> tuple[ColumnElement[bool], ...]:
    """Closed intervals, each of which lies within one day."""
    first, until = (datetime.combine(day, time(), UTC) for day in (period.first, period.until))
    started = _interval.started_at
    return _interval.ended_at.is_not(None), started >= first, started < until


def _named(column: Any, narrowing: Narrowing) -> tuple[ColumnElement[bool], ...]:
    return () if narrowing.workspaces is None else (column.in_(narrowing.workspaces),)


def _by_handle(session: Session, found: Select[Any]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for handle, nano in session.execute(found.group_by(_w.handle)):
        sums[handle] += int(nano)
    return sums
