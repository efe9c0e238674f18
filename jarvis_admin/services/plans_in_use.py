"""The plans, and what each cost in a month."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.months import Month
from jarvis_admin.models import CostCell, Plan

_c, _p = CostCell.__table__.c, Plan.__table__.c


class PlanCost(NamedTuple):
    key: str
    name: str
    before_nano: int


def of_month(session: Session, month: Month) -> Sequence[PlanCost]:
    """Every plan, with the closed costs of that month; one statement."""
    sums = (
        select(_c.plan, func.sum(_c.amount_nano).label("nano"))
        .where(_c.day >= month.first, _c.day < month.following.first)
        .group_by(_c.plan)
        .subquery()
    )
    rows = session.execute(
        select(_p.key, _p.name, func.coalesce(sums.c.nano, 0))
        .join_from(Plan.__table__, sums, sums.c.plan == _p.key, isouter=True)
        .order_by(_p.name)
    )
    return [PlanCost(key, name, int(nano)) for key, name, nano in rows]
