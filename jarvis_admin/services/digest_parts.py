"""What happened in a week, as numbers: each digest is made of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.quotas.brakes import Level
from jarvis_admin.models import Brake, FleetDay, UsageDay, Workspace

_f, _u, _w = FleetDay.__table__.c, UsageDay.__table__.c, Workspace.__table__.c
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Weeks:
    """Closed costs of the seven days before `until`, and of the seven before those."""

    until: date
    last_nano: int
    before_nano: int


class Mover(NamedTuple):
    handle: str
    before_nano: int
    last_nano: int


class Braked(NamedTuple):
    handle: str
    level: str
    kind: str


def weeks(session: Session, until: date) -> Weeks:
    since, middle = until - 2 * _WEEK, until - _WEEK
    last = func.sum(case((_f.day >= middle, _f.amount_nano), else_=0))
    before = func.sum(case((_f.day < middle, _f.amount_nano), else_=0))
    row = session.execute(select(last, before).where(_f.day >= since, _f.day < until)).one()
    return Weeks(until, int(row[0] or 0), int(row[1] or 0))


def movers(session: Session, until: date, count: int) -> Sequence[Mover]:
    """Whose week changed most in money; once a week it may read two weeks of everybody."""
    since, middle = until - 2 * _WEEK, until - _WEEK
    last = func.sum(case((_u.day >= middle, _u.amount_nano), else_=0))
    before = func.sum(case((_u.day < middle, _u.amount_nano), else_=0))
    rows = session.execute(
        select(_w.handle, before, last)
        .join_from(Workspace.__table__, UsageDay.__table__, _u.workspace_id == _w.id)
        .where(_u.day >= since, _u.day < until)
        .group_by(_w.handle)
        .having(last != before)
        .order_by(func.abs(last - before).desc(), _w.handle)
        .limit(count)
    )
    return [Mover(handle, int(then), int(now)) for handle, then, now in rows]


def braked(session: Session, count: int) -> Sequence[Braked]:
    """Whom a quota holds back now, beyond a warning."""
    rows = session.execute(
        select(_w.handle, Brake.level, Brake.kind)
        .join_from(Brake, Workspace, Brake.workspace_id == _w.id)
        .where(Brake.level.not_in([Level.NONE, Level.WARN]))
        .order_by(_w.handle)
        .limit(count)
    )
    return [Braked(*row) for row in rows]
