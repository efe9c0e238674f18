"""Backups to look at: scratch machines and volumes beside a workspace, and their end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.restores import Target
from jarvis_admin.errors import Conflict
from jarvis_admin.models import Operation, Restore, Workspace
from jarvis_admin.services import fleet, operations
from jarvis_admin.services.operations import Enqueue


def made(session: Session, restore_id: str, kept: timedelta, now: datetime) -> None:
    """Safe to repeat."""
    row = session.get_one(Restore, restore_id)
    row.state, row.finished_at = "done", row.finished_at or now
    row.expires_at = row.expires_at or now + kept
    fleet.bump(session)


def ended(session: Session, restore_id: str, now: datetime) -> None:
    row = session.get_one(Restore, restore_id)
    row.state, row.expires_at = "ended", now
    fleet.bump(session)


def request_end(
    session: Session,
    restore: Restore,
    *,
    asked_by: str,
    now: datetime,
    enqueue: Enqueue,
    reason: str = "",
    key: str | None = None,
) -> Operation:
    """What was made of the backup goes; the backup and the workspace stay."""
    if restore.target == Target.HERE or restore.state != "done":
        raise Conflict("There is nothing to remove any more.")
    return operations.request_operation(
        session,
        session.get_one(Workspace, restore.workspace_id),
        OperationKind.END_SCRATCH,
        asked_by=asked_by,
        reason=reason,
        key=key or f"of-{restore.id}-{int(now.timestamp()) // 3600}",
        now=now,
        enqueue=enqueue,
        arguments={"restore": restore.id},
    )


def overdue(session: Session, now: datetime, limit: int) -> Sequence[Restore]:
    return session.scalars(
        select(Restore)
        .where(Restore.state == "done", Restore.expires_at <= now)
        .order_by(Restore.expires_at)
        .limit(limit)
    ).all()
