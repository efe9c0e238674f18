"""Who is near or over a limit, hardest brake or fullest first; a keyset page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from jarvis_admin.domain.quotas.brakes import Level
from jarvis_admin.models import Brake, BrakeEvent, Plan, Workspace

PAGE = 50
_HISTORY = 100


class Cursor(NamedTuple):
    permille: int
    id: int


@dataclass(frozen=True)
class Page:
    rows: Sequence[Any]
    next: Cursor | None


_columns = (
    Brake.workspace_id,
    Brake.level,
    Brake.kind,
    Brake.since,
    Brake.used,
    Brake.limit_amount,
    Brake.permille,
    Brake.overshoot,
    Brake.ends_at,
    Brake.cordoned_machine,
    Brake.cordon_note,
    Workspace.handle,
    Workspace.state,
    Workspace.problem,
    Plan.name.label("plan"),
)


def page(session: Session, level: Level | None, cursor: Cursor | None) -> Page:
    """One statement; the fullest first."""
    key = tuple_(Brake.permille, Brake.workspace_id)
    found = select(Brake.permille, Brake.workspace_id).where(Brake.level != Level.NONE)
    if level is not None:
        found = found.where(Brake.level == level)
    if cursor is not None:
        found = found.where(key < tuple_(cursor.permille, cursor.id))
    # The page of keys first, by an index; only it is joined.
    keys = found.order_by(Brake.permille.desc(), Brake.workspace_id.desc()).limit(PAGE + 1)
    picked = keys.subquery()
    rows = session.execute(
        select(*_columns)
        .join(picked, picked.c.workspace_id == Brake.workspace_id)
        .join(Workspace, Workspace.id == Brake.workspace_id)
        .join(Plan, Plan.id == Workspace.plan_id)
        .order_by(Brake.permille.desc(), Brake.workspace_id.desc())
    ).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], Cursor(last.permille, last.workspace_id) if last else None)


def counts(session: Session) -> dict[Level, int]:
    """How many brakes are at which level; they are few, and in an index of their own."""
    rows = session.execute(select(Brake.level, func.count()).group_by(Brake.level))
    return {Level(level): count for level, count in rows}


def history(session: Session, workspace_id: int) -> Sequence[BrakeEvent]:
    """Newest first."""
    mine = select(BrakeEvent).where(BrakeEvent.workspace_id == workspace_id)
    return session.scalars(
        mine.order_by(BrakeEvent.at.desc(), BrakeEvent.id.desc()).limit(_HISTORY)
    ).all()


def suspended_since(session: Session, since: datetime) -> int:
    """How many machines a brake has put to sleep at once since then."""
    return (
        session.scalar(
            select(func.count(func.distinct(BrakeEvent.workspace_id))).where(
                BrakeEvent.at >= since, BrakeEvent.level == Level.SUSPEND_NOW
            )
        )
        or 0
    )
