"""What a month's chart shows apart: compute that nobody used, and what belongs to no user."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.owners import STRAY
from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import CostCell, FleetIdle
from jarvis_admin.services.costs import IDLE, UNALLOCATED, Grid

_c, _idle = CostCell.__table__.c, FleetIdle.__table__.c


def split(session: Session, grid: Grid) -> Grid:
    """The same sums with `idle` taken out of compute and `unallocated` out of every component.

    Two statements. Of what is open now neither is known: it stays with its component.
    """
    amounts = defaultdict(int, grid.amounts)
    for day, component, nano in _unallocated(session, grid.days):
        amounts[day, component] -= nano
        amounts[day, UNALLOCATED] += nano
    rows = session.execute(
        select(_idle.day, _idle.amount_nano).where(_idle.day.between(*_ends(grid.days)))
    )
    for day, nano in rows:
        part = min(nano, amounts[day, Component.COMPUTE])
        if part > 0:
            amounts[day, Component.COMPUTE] -= part
            amounts[day, IDLE] += part
    return Grid(grid.days, amounts)


def _unallocated(session: Session, days: Sequence[date]) -> list[tuple[date, str, int]]:
    # Every part of the key up to the owner is named, so the index leads past the users' cells.
    rows = session.execute(
        select(_c.day, _c.component, func.sum(_c.amount_nano))
        .where(_c.day.in_(days), _c.component.in_(list(Component)), _c.owner.in_(list(STRAY)))
        .group_by(_c.day, _c.component)
    )
    return [(day, component, int(nano)) for day, component, nano in rows]


def _ends(days: Sequence[date]) -> tuple[date, date]:
    return days[0], days[-1]
