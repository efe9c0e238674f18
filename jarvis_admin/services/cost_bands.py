"""What a month's chart shows apart: compute that nobody used, and what belongs to no user."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from jarvis_admin.domain.owners import STRAY
from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import CostCell, FleetIdle
from jarvis_admin.services.costs import IDLE, UNALLOCATED, Grid

_c, _i = CostCell.__table__.c, FleetIdle.__table__.c


def split(session: Session, grid: Grid) -> Grid:
    """The same sums with `idle` taken out of compute and `unallocated` out of every component.

    One statement. Of what is open now neither is known: it stays with its component.
    """
    amounts = defaultdict(int, grid.amounts)
    idle: dict[date, int] = {}
    for day, name, nano in session.execute(union_all(_unallocated(grid.days), _idle(grid.days))):
        if name == IDLE:
            idle[day] = int(nano)
            continue
        amounts[day, name] -= int(nano)
        amounts[day, UNALLOCATED] += int(nano)
    for day, nano in idle.items():
        part = min(nano, amounts[day, Component.COMPUTE])
        if part > 0:
            amounts[day, Component.COMPUTE] -= part
            amounts[day, IDLE] += part
    return Grid(grid.days, amounts)


def _unallocated(days: Sequence[date]) -> Select[Any]:
    # Every part of the key up to the owner is named, so the index leads past the users' cells.
    return (
        select(_c.day, _c.component, func.sum(_c.amount_nano))
        .where(_c.day.in_(days), _c.component.in_(list(Component)), _c.owner.in_(list(STRAY)))
        .group_by(_c.day, _c.component)
    )


def _idle(days: Sequence[date]) -> Select[Any]:
    named: ColumnElement[str] = literal_column(f"'{IDLE}'")
    return select(_i.day, named, _i.amount_nano).where(_i.day.between(days[0], days[-1]))
