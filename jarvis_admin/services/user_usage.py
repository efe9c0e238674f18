"""One user's month, down to the intervals: what every amount of theirs is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.money import amount_nano, microseconds
from jarvis_admin.domain.months import Month
from jarvis_admin.errors import NotFound
from jarvis_admin.models import Interval, Machine, UsageDay, Volume, Workspace

PAGE = 200

_i, _u, _w = Interval.__table__.c, UsageDay.__table__.c, Workspace.__table__.c
_m, _v = Machine.__table__.c, Volume.__table__.c


class Cursor(NamedTuple):
    """The closed interval a page begins after; newest first."""

    started_at: datetime
    id: int


@dataclass(frozen=True)
class Line:
    """A stretch as it is billed; `end` None: still so, and billed up to now."""

    start: datetime
    end: datetime | None
    component: str
    state: str
    size: str
    region: str
    micros: int
    rate_pico: int
    price_version: str
    amount_nano: int
    estimated: bool


@dataclass(frozen=True)
class Part:
    component: str
    micros: int
    amount_nano: int


@dataclass(frozen=True)
class Page:
    """`closed_nano` by the intervals and by the roll-up must be the same number."""

    lines: Sequence[Line]
    next: Cursor | None
    parts: Sequence[Part]
    intervals: int
    estimated: int
    closed_nano: int
    rolled_up_nano: int
    open_nano: int

    @property
    def total_nano(self) -> int:
        return self.closed_nano + self.open_nano

    @property
    def proven(self) -> bool:
        return self.closed_nano == self.rolled_up_nano


def month_of(
    session: Session, handle: str, month: Month, cursor: Cursor | None, now: datetime
) -> Page:
    """Of every workspace that had this handle, destroyed ones too; five statements."""
    owners = _workspaces(session, handle)
    opened = [_open_line(row, month, now) for row in _open(session, owners, month, now)]
    closed = _closed(session, owners, month, cursor)
    count, estimated, closed_nano = _sums(session, owners, month)
    rolled_up = _rolled_up(session, owners, month)
    shown = [_closed_line(row) for row in closed[:PAGE]]
    last = closed[PAGE - 1] if len(closed) > PAGE else None
    return Page(
        lines=shown if cursor else [*opened, *shown],
        next=Cursor(last.started_at, last.id) if last else None,
        parts=_with_open(rolled_up, opened),
        intervals=count + len(opened),
        estimated=estimated + sum(line.estimated for line in opened),
        closed_nano=closed_nano,
        rolled_up_nano=sum(part.amount_nano for part in rolled_up),
        open_nano=sum(line.amount_nano for line in opened),
    )


def _workspaces(session: Session, handle: str) -> Sequence[int]:
    # Each half has an index of its own.
    mine = or_(
        and_(_w.handle == handle, _w.destroyed_at.is_(None)),
        and_(_w.state == MachineState.DESTROYED, _w.handle == handle),
    )
    found = session.scalars(select(_w.id).where(mine)).all()
    if not found:
        raise NotFound(f"There is no user {handle[:63]}.")
    return found


def _open(session: Session, owners: Sequence[int], month: Month, now: datetime) -> Sequence[Any]:
    # By resource, because that is where the open intervals have their index.
    machines = select(_m.id).where(_m.workspace_id.in_(owners))
    volumes = select(_v.id).where(_v.workspace_id.in_(owners))
    return session.execute(
        select(*_i)
        .where(_i.resource_id.in_(machines.union_all(volumes)), _i.ended_at.is_(None))
        .where(_i.started_at < min(month.end, now))
        .order_by(_i.started_at.desc(), _i.id.desc())
    ).all()


def _closed(
    session: Session, owners: Sequence[int], month: Month, cursor: Cursor | None
) -> Sequence[Row[Any]]:
    found = select(*_i).where(*_within(owners, month))
    if cursor is not None:
        found = found.where(tuple_(_i.started_at, _i.id) < tuple_(*cursor))
    found = found.order_by(_i.started_at.desc(), _i.id.desc())
    return session.execute(found.limit(PAGE + 1)).all()


def _sums(session: Session, owners: Sequence[int], month: Month) -> tuple[int, int, int]:
    """Of the closed intervals: how many, how many estimated, what they cost."""
    row = session.execute(
        select(
            func.count(),
            func.count().filter(_i.estimated),
            func.coalesce(func.sum(_i.amount_nano), 0),
        ).where(*_within(owners, month))
    ).one()
    return row[0], row[1], int(row[2])


def _rolled_up(session: Session, owners: Sequence[int], month: Month) -> list[Part]:
    rows = session.execute(
        select(_u.component, func.sum(_u.micros), func.sum(_u.amount_nano))
        .where(_u.workspace_id.in_(owners))
        .where(_u.day >= month.first, _u.day < month.following.first)
        .group_by(_u.component)
    )
    return [Part(component, int(micros), int(nano)) for component, micros, nano in rows]


def _within(owners: Sequence[int], month: Month) -> tuple[Any, ...]:
    # A closed interval lies within one day, so its start tells its month.
    return (
        _i.workspace_id.in_(owners),
        _i.started_at >= month.start,
        _i.started_at < month.end,
        _i.ended_at.is_not(None),
    )


def _with_open(rolled_up: Sequence[Part], opened: Sequence[Line]) -> list[Part]:
    """The dearest component first."""
    sums = {part.component: (part.micros, part.amount_nano) for part in rolled_up}
    for line in opened:
        micros, nano = sums.get(line.component, (0, 0))
        sums[line.component] = micros + line.micros, nano + line.amount_nano
    parts = [Part(component, *sum_) for component, sum_ in sums.items()]
    return sorted(parts, key=lambda part: part.amount_nano, reverse=True)


def _closed_line(row: Row[Any]) -> Line:
    return _line(row, row.started_at, row.ended_at, row.ended_at, row.amount_nano)


def _open_line(row: Row[Any], month: Month, now: datetime) -> Line:
    """As far as it lies in the month."""
    start, until = max(row.started_at, month.start), min(now, month.end)
    end = until if until < now else None
    return _line(row, start, end, until, amount_nano(row.rate_pico, until - start))


def _line(row: Row[Any], start: datetime, end: datetime | None, until: datetime, nano: int) -> Line:
    return Line(
        start=start,
        end=end,
        component=row.component,
        state=row.state,
        size=row.size,
        region=row.region,
        micros=microseconds(until - start),
        rate_pico=row.rate_pico,
        price_version=row.price_version,
        amount_nano=nano,
        estimated=row.estimated,
    )
