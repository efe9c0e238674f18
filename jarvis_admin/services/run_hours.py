"""When machines run: started machine-time by hour of the week, over the last four whole weeks.

The database counts the starts and ends in each hour and how far into it they lie; what ran in
an hour follows from that alone, however long the intervals are. An interval lies within a day,
so no day depends on another. Exact to the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import case, extract, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import Interval, WorkspaceMonth

WEEKS = 4
_DAYS, _HOURS, _SECONDS = 7, 24, 3600

_i, _m = Interval.__table__.c, WorkspaceMonth.__table__.c


@dataclass(frozen=True)
class RunHours:
    """Seconds of started machines by weekday (0 is Monday) and hour, UTC."""

    first: date
    until: date
    seconds: tuple[tuple[int, ...], ...]

    @property
    def total(self) -> int:
        return sum(map(sum, self.seconds))

    @property
    def most(self) -> int:
        return max(map(max, self.seconds))


def run_hours(session: Session, today: date) -> RunHours:
    """One statement that reads every interval of four weeks: keep the answer for a while."""
    first = today - timedelta(weeks=WEEKS)
    starts: list[list[int]] = [[0] * 2 * _HOURS for _ in range(_DAYS)]
    ends: list[list[int]] = [[0] * 2 * _HOURS for _ in range(_DAYS)]
    for sunday_first, begun, ended, count, begun_into, ended_into in _counted(
        session, first, today
    ):
        day = (int(sunday_first) - 1) % _DAYS
        _count(starts[day], int(begun), count, round(begun_into))
        if ended is not None:
            _count(ends[day], int(ended), count, round(ended_into))
    rows = tuple(tuple(_day(starts[day], ends[day])) for day in range(_DAYS))
    return RunHours(first, today, rows)


def _count(day: list[int], hour: int, count: int, into: int) -> None:
    day[2 * hour] += count
    day[2 * hour + 1] += into


def _day(starts: list[int], ends: list[int]) -> list[int]:
    """Those running over from the hour before fill it; whoever starts or ends changes the rest."""
    running, found = 0, []
    for hour in range(_HOURS):
        begun, begun_into = starts[2 * hour : 2 * hour + 2]
        ended, ended_into = ends[2 * hour : 2 * hour + 2]
        rest = (begun - ended) * _SECONDS - begun_into + ended_into
        found.append(running * _SECONDS + rest)
        running += begun - ended
    return found


def _counted(session: Session, first: date, until: date) -> Sequence[Any]:
    """By weekday, hour of start and hour of end: how many, and their seconds into these hours.

    An end at midnight has no hour: it never comes within its day.
    """
    begun, ended = (_utc(session, column) for column in (_i.started_at, _i.ended_at))
    in_the_day = extract("day", ended) == extract("day", begun)
    keys = (
        extract("dow", begun).label("weekday"),
        extract("hour", begun).label("begun"),
        case((in_the_day, extract("hour", ended))).label("ended"),
    )
    begin, end = (datetime.combine(day, time(), UTC) for day in (first, until))
    # Their workspaces lead to them through an index; there is none on time alone.
    months = {first.replace(day=1), until.replace(day=1)}
    owners = select(_m.workspace_id).where(_m.month.in_(months))
    return session.execute(
        select(*keys, func.count(), func.sum(_into(begun)), func.sum(_into(ended)))
        .where(_i.workspace_id.in_(owners), _i.component == Component.COMPUTE)
        .where(_i.started_at >= begin, _i.started_at < end, _i.ended_at.is_not(None))
        .group_by(*keys)
    ).all()


def _into(column: Any) -> Any:
    return extract("minute", column) * 60 + extract("second", column)


def _utc(session: Session, column: Any) -> Any:
    """PostgreSQL would read a clock in the time zone of its session; SQLite has only UTC."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return column if on_sqlite else func.timezone("UTC", column)
