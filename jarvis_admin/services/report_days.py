"""What the cube, the open intervals and single users' ledgers say of each day of a report.

Closed days come from the cube, in one statement however large the fleet is. What is open now is
read from the open intervals, added up by the database where they began together (most did, at
midnight), so that the running day has every band, to the nanodollar.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.metering import cut_at_midnights
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.owners import STRAY, Owner
from jarvis_admin.domain.owners import UNALLOCATED as UNALLOCATED_OWNERS
from jarvis_admin.domain.periods import Pair, Period
from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import CostCell, FleetIdle, IdleDay, Interval, LedgerEntry
from jarvis_admin.services.costs import IDLE, UNALLOCATED
from jarvis_admin.services.report_terms import Narrowing
from jarvis_admin.services.reports import Days, Group

# Sizes of anything else are as many as there are snapshots: they say nothing to a reader.
_SIZED = (Component.COMPUTE, Component.ROOTFS, Component.VOLUME)

_c, _i, _e = CostCell.__table__.c, Interval.__table__.c, LedgerEntry.__table__.c
_fleet, _mine = FleetIdle.__table__.c, IdleDay.__table__.c


class Amount(NamedTuple):
    day: date
    band: str
    owner: str
    nano: int


def by_day(
    session: Session, group: Group, narrowing: Narrowing, period: Period, now: datetime
) -> Days:
    """Two statements; with idle compute, or with users named, three."""
    if narrowing.workspaces is None:
        parts = [*_cells(session, group, narrowing, period)]
    else:
        parts = [*_closed_of(session, group, narrowing, period)]
        parts += _entries_of(session, group, narrowing, period)
    if period.until > now.date():
        parts += _open(session, group, narrowing, period, now)
    amounts: dict[tuple[date, str], int] = defaultdict(int)
    for part in parts:
        amounts[part.day, _band(part, group)] += part.nano
    if group is Group.COMPONENT and narrowing.fields <= {"component", "owner"}:
        _split_idle(amounts, _idle(session, narrowing, period))
    return Days(period, amounts)


def _band(part: Amount, group: Group) -> str:
    if group is Group.OWNER:
        return part.band
    stray = STRAY if group is Group.COMPONENT else UNALLOCATED_OWNERS
    return UNALLOCATED if part.owner in stray else part.band


def _grouped_by(group: Group, columns: Any) -> Any:
    if group is Group.USER_GROUP:
        return columns.user_group
    if group is Group.SIZE:
        sized = columns.component.in_(_SIZED)
        return columns.component + literal(" ") + case((sized, columns.size), else_="")
    return columns[group.value]


def _cells(
    session: Session, group: Group, narrowing: Narrowing, period: Period
) -> Iterator[Amount]:
    band = _grouped_by(group, _c).label("band")
    rows = session.execute(
        select(_c.day, band, _c.owner, func.sum(_c.amount_nano))
        .where(_c.day >= period.first, _c.day < period.until)
        .where(*narrowing.conditions(_c))
        .group_by(_c.day, band, _c.owner)
    )
    for day, name, owner, nano in rows:
        yield Amount(day, name, owner, int(nano))


def _closed_of(
    session: Session, group: Group, narrowing: Narrowing, period: Period
) -> Iterator[Amount]:
    """The intervals of users that were named; each lies within one day."""
    assert narrowing.workspaces is not None
    rows = session.execute(
        select(_i.started_at, _grouped_by(group, _i), _i.owner, _i.amount_nano)
        .where(_i.workspace_id.in_(narrowing.workspaces), _i.ended_at.is_not(None))
        .where(_i.started_at >= _midnight(period.first), _i.started_at < _midnight(period.until))
        .where(*narrowing.conditions(_i))
        .order_by(_i.started_at)
    )
    keyed = (Amount(at.date(), name, owner, nano) for at, name, owner, nano in rows)
    for key, parts in groupby(keyed, key=lambda part: part[:3]):
        day, name, owner = key
        yield Amount(day, name, owner, sum(part.nano for part in parts))


def _entries_of(
    session: Session, group: Group, narrowing: Narrowing, period: Period
) -> Iterator[Amount]:
    assert narrowing.workspaces is not None
    columns = LedgerEntry.__table__.select().add_columns(literal("").label("size")).subquery().c
    rows = session.execute(
        select(columns.day, _grouped_by(group, columns), columns.owner, columns.amount_nano)
        .where(columns.workspace_id.in_(narrowing.workspaces))
        .where(columns.day >= period.first, columns.day < period.until)
        .where(*narrowing.conditions(columns))
    )
    for row in rows:
        yield Amount(*row)


def _open(
    session: Session, group: Group, narrowing: Narrowing, period: Period, now: datetime
) -> Iterator[Amount]:
    """Those that began together at the same rate are one row and a count."""
    band = _grouped_by(group, _i).label("band")
    keys = (band, _i.owner, _i.rate_pico, _i.started_at)
    found = select(*keys, func.count()).where(_i.ended_at.is_(None), *narrowing.conditions(_i))
    if narrowing.workspaces is not None:
        found = found.where(_i.workspace_id.in_(narrowing.workspaces))
    sums: dict[tuple[date, str, str], int] = defaultdict(int)
    today = now.date()
    for name, owner, rate, started, count in session.execute(found.group_by(*keys)):
        if started.date() == today:  # all but those that midnight has not cut yet
            sums[today, name, owner] += count * amount_nano(rate, now - started)
            continue
        for day, begin, end in cut_at_midnights(started, now):
            sums[day, name, owner] += count * amount_nano(rate, end - begin)
    for (day, name, owner), nano in sums.items():
        if period.first <= day < period.until:
            yield Amount(day, name, owner, nano)


def _idle(session: Session, narrowing: Narrowing, period: Period) -> dict[date, int]:
    if narrowing.workspaces is None:
        found = select(_fleet.day, _fleet.amount_nano)
        day: Any = _fleet.day
    else:
        found = (
            select(_mine.day, func.sum(_mine.amount_nano))
            .where(_mine.workspace_id.in_(narrowing.workspaces))
            .group_by(_mine.day)
        )
        day = _mine.day
    rows = session.execute(found.where(day >= period.first, day < period.until))
    return {day: int(nano) for day, nano in rows}


def _split_idle(amounts: dict[tuple[date, str], int], idle: Mapping[date, int]) -> None:
    """Take from compute what nobody used; never more than there is."""
    for day, nano in idle.items():
        part = min(nano, amounts.get((day, Component.COMPUTE), 0))
        if part > 0:
            amounts[day, Component.COMPUTE] -= part
            amounts[day, IDLE] += part


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def in_period(day: Any, period: Period) -> ColumnElement[bool]:
    return and_(day >= period.first, day < period.until)


def in_either(day: Any, pair: Pair) -> ColumnElement[bool]:
    return or_(in_period(day, pair.before), in_period(day, pair.now))


def cells_by(
    session: Session, group: Group, pair: Pair
) -> Iterator[tuple[str, str, bool, int, int]]:
    """Band, component, whether it is of now and not of before, span and amount."""
    band = _grouped_by(group, _c).label("band")
    current = case((in_period(_c.day, pair.now), 1), else_=0).label("current")
    keys = (band, _c.owner, _c.component, current)
    rows = session.execute(
        select(*keys, func.sum(_c.micros), func.sum(_c.amount_nano))
        .where(in_either(_c.day, pair))
        .group_by(*keys)
    )
    sums: dict[tuple[str, str, bool], list[int]] = defaultdict(lambda: [0, 0])
    for name, owner, component, is_current, micros, nano in rows:
        unallocated = owner != Owner.USER and group is not Group.OWNER
        of = sums[UNALLOCATED if unallocated else name, component, bool(is_current)]
        of[0] += int(micros)
        of[1] += int(nano)
    for key, (span, amount) in sums.items():
        yield *key, span, amount
