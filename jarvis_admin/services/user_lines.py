"""What a user's amounts are made of: intervals, by the second, and entries, by the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, select, tuple_
from sqlalchemy.orm import Session

from jarvis_admin.domain.money import amount_nano, microseconds
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Interval, LedgerEntry

_i, _e = Interval.__table__.c, LedgerEntry.__table__.c


class Cursor(NamedTuple):
    """The closed interval a page begins after; newest first."""

    started_at: datetime
    id: int


@dataclass(frozen=True)
class Only:
    """What of a month is asked for: a component, a day, both, or all of it."""

    month: Month
    component: str = ""
    day: date | None = None

    @property
    def start(self) -> datetime:
        return self.month.start if self.day is None else datetime.combine(self.day, time(), UTC)

    @property
    def end(self) -> datetime:
        return self.month.end if self.day is None else self.start + timedelta(days=1)


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
class Entry:
    """An amount of a day that is not made by the second."""

    day: date
    kind: str
    component: str
    quantity: int
    unit: str
    price_version: str
    amount_nano: int
    reason: str
    booked_by: str


def opened(session: Session, owners: Sequence[int], only: Only, now: datetime) -> list[Line]:
    """A handful. Picked and ordered here: SQLite would read a user's whole life for the order."""
    rows = session.execute(
        select(*_i)
        .where(_i.workspace_id.in_(owners), _i.ended_at.is_(None))
        .where(*_component(_i.component, only))
    ).all()
    until = min(only.end, now)
    found = [row for row in rows if row.started_at < until and only.start < now]
    found.sort(key=lambda row: (row.started_at, row.id), reverse=True)
    return [_open_line(row, only, now) for row in found]


def closed(
    session: Session, owners: Sequence[int], only: Only, cursor: Cursor | None, page: int
) -> tuple[list[Line], Cursor | None]:
    """A page of them, newest first, and where the next one begins."""
    found = select(*_i).where(*within(owners, only))
    if cursor is not None:
        found = found.where(tuple_(_i.started_at, _i.id) < tuple_(*cursor))
    found = found.order_by(_i.started_at.desc(), _i.id.desc()).limit(page + 1)
    rows = session.execute(found).all()
    last = rows[page - 1] if len(rows) > page else None
    lines = [
        _line(row, row.started_at, row.ended_at, row.ended_at, row.amount_nano)
        for row in rows[:page]
    ]
    return lines, Cursor(last.started_at, last.id) if last else None


def entries(session: Session, owners: Sequence[int], only: Only) -> list[Entry]:
    rows = session.execute(
        select(
            _e.day,
            _e.kind,
            _e.component,
            _e.quantity,
            _e.unit,
            _e.price_version,
            _e.amount_nano,
            _e.reason,
            _e.booked_by,
        )
        .where(*booked(owners, only))
        .order_by(_e.day.desc(), _e.id.desc())
    )
    return [Entry(*row) for row in rows]


def within(owners: Sequence[int], only: Only) -> tuple[Any, ...]:
    """The closed intervals asked for: each lies within one day, so its start tells it."""
    return (
        _i.workspace_id.in_(owners),
        _i.started_at >= only.start,
        _i.started_at < only.end,
        _i.ended_at.is_not(None),
        *_component(_i.component, only),
    )


def booked(owners: Sequence[int], only: Only) -> tuple[Any, ...]:
    """The entries asked for."""
    return (
        _e.workspace_id.in_(owners),
        _e.day >= only.start.date(),
        _e.day < only.end.date(),
        *_component(_e.component, only),
    )


def _component(column: Any, only: Only) -> tuple[Any, ...]:
    return (column == only.component,) if only.component else ()


def _open_line(row: Row[Any], only: Only, now: datetime) -> Line:
    """As far as it lies in what is asked for."""
    start, until = max(row.started_at, only.start), min(now, only.end)
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
