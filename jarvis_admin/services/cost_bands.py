"""What a month's chart shows apart: compute that nobody used, and what belongs to no user."""

from collections import defaultdict
from datetime import date

from sqlalchemy import ColumnElement, Date, bindparam, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from jarvis_admin.domain.owners import STRAY
from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import CostCell, FleetIdle
from jarvis_admin.models.usage import NOT_USERS
from jarvis_admin.services.costs import IDLE, UNALLOCATED, Grid

_c, _i = CostCell.__table__.c, FleetIdle.__table__.c
_first, _last = bindparam("first", type_=Date), bindparam("last", type_=Date)
_strays: list[ColumnElement[str]] = [literal_column(f"'{owner}'") for owner in sorted(STRAY)]
_named: ColumnElement[str] = literal_column(f"'{IDLE}'")

# What is STRAY, and what is idle, by day and component.
_APART = union_all(
    select(_c.day, _c.component, func.sum(_c.amount_nano))
    .where(NOT_USERS, _c.owner.in_(_strays), _c.day.between(_first, _last))
    .group_by(_c.day, _c.component),
    select(_i.day, _named, _i.amount_nano).where(_i.day.between(_first, _last)),
)


def split(session: Session, grid: Grid) -> Grid:
    """The same sums with `idle` taken out of compute and `unallocated` out of every component.

    One statement. Of what is open now neither is known: it stays with its component.
    """
    amounts = defaultdict(int, grid.amounts)
    idle: dict[date, int] = {}
    for day, name, nano in session.execute(_APART, {"first": grid.days[0], "last": grid.days[-1]}):
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
