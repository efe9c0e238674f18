"""What restores have parked for the way back: until when, how it ends, and who may end it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import OperationKind, OperationState
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.pricing import price_at
from jarvis_admin.domain.restores import Target
from jarvis_admin.errors import Conflict
from jarvis_admin.models import Operation, Restore, Workspace
from jarvis_admin.services import backup_policies, operations, prices
from jarvis_admin.services.operations import Enqueue

_DAY = timedelta(days=1)
_PARKED = (Restore.parked_until.is_not(None), Restore.parking_ended_at.is_(None))


def cost_a_day(session: Session, volume_gb: int, rootfs_mb: int, now: datetime) -> int:
    """Nanodollars: the volume, and the image of a machine that is stopped."""
    book = price_at(prices.load(session), now)
    return amount_nano(book.volume_rate(volume_gb) + book.rootfs_rate(rootfs_mb), _DAY)


def parked_until(session: Session, workspace: Workspace, now: datetime) -> datetime:
    """The end of the undo window that the backup policy gives."""
    return now + timedelta(days=backup_policies.of_workspace(session, workspace).undo_days)


def is_parked(restore: Restore) -> bool:
    """Its old machine or volume waits for the way back."""
    return restore.parked_until is not None and restore.parking_ended_at is None


def parked(session: Session, workspace_id: int) -> Sequence[Restore]:
    """Newest first: the first one is the way back."""
    return session.scalars(
        select(Restore)
        .where(Restore.workspace_id == workspace_id, *_PARKED)
        .order_by(Restore.parked_at.desc())
    ).all()


def overdue(session: Session, now: datetime, limit: int) -> Sequence[str]:
    """What has been parked past its date, oldest first."""
    return session.scalars(
        select(Restore.id)
        .where(*_PARKED, Restore.parked_until <= now)
        .order_by(Restore.parked_until, Restore.id)
        .limit(limit)
    ).all()


def request_end(
    session: Session,
    restore: Restore,
    *,
    how: str,
    asked_by: str,
    now: datetime,
    enqueue: Enqueue,
    reason: str = "",
    key: str | None = None,
    unproven: str | None = None,
) -> Operation:
    """Ask for the end of the parking: what is parked is deleted, and there is no way back then.

    Conflict while the user's newest backup is not proven, unless `unproven` says so and that
    somebody goes on all the same.
    """
    if not is_parked(restore):
        raise Conflict("Nothing of it is parked any more.")
    return operations.request_operation(
        session,
        session.get_one(Workspace, restore.workspace_id),
        OperationKind.END_PARKING,
        asked_by=asked_by,
        reason=reason,
        key=key,
        now=now,
        enqueue=enqueue,
        arguments={"restore": restore.id, "how": how},
        needs_proof=unproven is None,
        details={"without_proof": unproven} if unproven else None,
    )


def tried_lately(session: Session, restore: Restore, since: datetime) -> bool:
    """The end of its parking was asked for and failed: asking every round would fill the list."""
    found = select(Operation.id).where(
        Operation.workspace_id == restore.workspace_id,
        Operation.kind == OperationKind.END_PARKING,
        Operation.created_at > since,
        Operation.state == OperationState.FAILED,
    )
    return session.scalars(found.limit(1)).first() is not None


def destroyed(session: Session, workspace_id: int, now: datetime) -> None:
    """The app is gone, and with it all that was parked in it or lay beside."""
    for restore in parked(session, workspace_id):
        restore.parking_ended_at, restore.parking_end = now, "ended"
    beside = select(Restore).where(
        Restore.workspace_id == workspace_id,
        Restore.target == Target.BESIDE,
        Restore.state == "done",
    )
    for restore in session.scalars(beside):
        restore.state, restore.expires_at = "ended", now
