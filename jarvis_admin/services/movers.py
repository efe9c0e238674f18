"""Whose costs changed most from one period to the next, and why."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.months import Month
from jarvis_admin.domain.movers import Use, Uses, Why, explain
from jarvis_admin.domain.periods import Pair
from jarvis_admin.models import FleetDay, UsageDay, Workspace, WorkspaceMonth
from jarvis_admin.services.report_days import cells_by, in_either, in_period
from jarvis_admin.services.reports import Group

SHOWN = 25

_m, _u, _f = WorkspaceMonth.__table__.c, UsageDay.__table__.c, FleetDay.__table__.c


@dataclass(frozen=True)
class Mover:
    name: str  # a handle, or a band
    before: int
    now: int
    parts: dict[Why, int]

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True)
class Movers:
    """The largest change first; `before` and `now` are of everything, shown or not."""

    rows: Sequence[Mover]
    before: int
    now: int

    @property
    def others(self) -> int:
        """What the rows do not say of the change."""
        return self.now - self.before - sum(row.change for row in self.rows)


def users(session: Session, pair: Pair) -> Movers:
    """Closed costs of every workspace, destroyed ones too; four statements.

    Two months are sums that are kept; any other days are added up, of everybody.
    """
    changed = _by_month(pair.month) if pair.month else _by_days(pair)
    ranked = session.execute(changed).all()
    ids = [row[0] for row in ranked]
    handles = dict(
        session.execute(select(Workspace.id, Workspace.handle).where(Workspace.id.in_(ids))).all()
    )
    uses = _uses_of(session, ids, pair)
    rows = [
        Mover(handles[id_], int(then), int(nano), explain(uses[id_, False], uses[id_, True]))
        for id_, then, nano in ranked
    ]
    return Movers(rows, *_fleet(session, pair))


def bands(session: Session, group: Group, pair: Pair) -> Movers:
    """Of plans, regions, sizes … with what belongs to no user as a band; two statements."""
    uses: dict[str, tuple[dict[str, Use], dict[str, Use]]] = defaultdict(lambda: ({}, {}))
    for band, component, current, micros, nano in cells_by(session, group, pair):
        uses[band][current][component] = Use(micros, nano)
    rows = [
        Mover(band, _total(first), _total(last), explain(first, last))
        for band, (first, last) in uses.items()
        if _total(first) != _total(last)
    ]
    rows.sort(key=lambda row: (-abs(row.change), row.name))
    return Movers(rows[:SHOWN], *_fleet(session, pair))


def _by_month(month: Month) -> Select[Any]:
    found = _ranked(_m, _m.month == month.previous.first, _m.month == month.first)
    return found.where(_m.month.in_([month.previous.first, month.first]))


def _by_days(pair: Pair) -> Select[Any]:
    """Their workspaces lead to the days through an index; there is none on days alone."""
    months = {pair.now.last.replace(day=1), pair.now.first.replace(day=1)}
    months |= {pair.before.last.replace(day=1), pair.before.first.replace(day=1)}
    owners = select(_m.workspace_id).where(_m.month.in_(months))
    found = _ranked(_u, in_period(_u.day, pair.before), in_period(_u.day, pair.now))
    return found.where(_u.workspace_id.in_(owners), in_either(_u.day, pair))


def _ranked(columns: Any, then: Any, current: Any) -> Select[Any]:
    before, now = (func.sum(case((when, columns.amount_nano), else_=0)) for when in (then, current))
    return (
        select(columns.workspace_id, before, now)
        .group_by(columns.workspace_id)
        .having(now != before)
        .order_by(func.abs(now - before).desc(), columns.workspace_id)
        .limit(SHOWN)
    )


def _uses_of(session: Session, ids: Sequence[int], pair: Pair) -> dict[tuple[int, bool], Uses]:
    current = case((in_period(_u.day, pair.now), 1), else_=0).label("current")
    rows = session.execute(
        select(
            _u.workspace_id, current, _u.component, func.sum(_u.micros), func.sum(_u.amount_nano)
        )
        .where(_u.workspace_id.in_(ids), in_either(_u.day, pair))
        .group_by(_u.workspace_id, current, _u.component)
    )
    uses: dict[tuple[int, bool], dict[str, Use]] = defaultdict(dict)
    for id_, is_current, component, micros, nano in rows:
        uses[id_, bool(is_current)][component] = Use(int(micros), int(nano))
    return defaultdict(dict, uses)


def _fleet(session: Session, pair: Pair) -> tuple[int, int]:
    current = case((in_period(_f.day, pair.now), 1), else_=0).label("current")
    rows = session.execute(
        select(current, func.sum(_f.amount_nano)).where(in_either(_f.day, pair)).group_by(current)
    )
    sums = {is_current: int(nano) for is_current, nano in rows}
    return sums.get(0, 0), sums.get(1, 0)


def _total(uses: Uses) -> int:
    return sum(use.nano for use in uses.values())
