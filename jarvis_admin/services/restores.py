"""Restores and resets: asked for, found again, what they make, and how they fail."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.domain.restores import Kind, Target, operation_of
from jarvis_admin.errors import Conflict, NotFound
from jarvis_admin.models import Archive, Operation, Restore, Snapshot, Workspace
from jarvis_admin.services import fleet, operations, parking
from jarvis_admin.services.operations import Enqueue


@dataclass(frozen=True)
class Asked:
    """`archive_id` or `snapshot_id` for a restore, `undoes` for a way back; else neither."""

    kind: Kind
    archive_id: str | None = None
    snapshot_id: str | None = None
    undoes: Restore | None = None
    target: Target = Target.HERE
    region: str = ""  # another than the workspace's


def request(
    session: Session,
    workspace: Workspace,
    asked: Asked,
    *,
    asked_by: str,
    reason: str,
    now: datetime,
    enqueue: Enqueue,
    key: str | None = None,
) -> Restore:
    """The row and its operation, all or nothing. Conflict when the point or the way back is gone.

    The same `key` is the same restore, however often it is asked for.
    """
    _refuse_unless_there(session, workspace, asked)
    operation = operations.request_operation(
        session,
        workspace,
        operation_of(asked.kind, asked.target),
        asked_by=asked_by,
        reason=reason,
        key=key,
        now=now,
        enqueue=enqueue,
        arguments=_told(asked),
        details=_told(asked),
    )
    known = of_operation(session, operation)
    if known is not None:
        return known
    restore = Restore(
        id=secrets.token_hex(6),
        workspace_id=workspace.id,
        operation_id=operation.id,
        kind=asked.kind,
        target=asked.target,
        archive_id=asked.archive_id,
        snapshot_id=asked.snapshot_id,
        undoes_id=asked.undoes.id if asked.undoes else None,
        region=asked.region or workspace.region,
        started_at=now,
    )
    session.add(restore)
    session.flush()
    return restore


def _told(asked: Asked) -> dict[str, str]:
    told = {
        "kind": str(asked.kind),
        "archive": asked.archive_id,
        "snapshot": asked.snapshot_id,
        "undoes": asked.undoes.id if asked.undoes else None,
        "region": asked.region,
        "target": "" if asked.target is Target.HERE else str(asked.target),
    }
    return {name: value for name, value in told.items() if value}


def _refuse_unless_there(session: Session, workspace: Workspace, asked: Asked) -> None:
    if asked.target is Target.SCRATCH and asked.archive_id is None:
        raise Conflict("Fly knows a snapshot in its own app alone: choose an archive to look at.")
    if asked.archive_id is not None:
        # Locked: what keeps old archives or lets them go looks at those in use.
        archive = session.get(Archive, asked.archive_id, with_for_update=True)
        if archive is None or archive.workspace_id != workspace.id:
            raise NotFound(f"{workspace.handle} has no archive {asked.archive_id[:32]}.")
        if archive.state != "stored" or archive.gone_at is not None:
            raise Conflict("This archive is not in the store: choose another point.")
    if asked.snapshot_id is not None:
        snapshot = session.get(Snapshot, asked.snapshot_id)
        if snapshot is None or snapshot.workspace_id != workspace.id:
            raise NotFound(f"{workspace.handle} has no snapshot {asked.snapshot_id[:64]}.")
        if snapshot.ended_at is not None or snapshot.status != "created":
            raise Conflict("Fly does not hold this snapshot any more: choose another point.")
    if asked.undoes is not None and not parking.is_parked(asked.undoes):
        raise Conflict("The parked files are gone: there is no way back any more.")


def get(session: Session, workspace: Workspace, restore_id: str) -> Restore:
    restore = session.get(Restore, restore_id)
    if restore is None or restore.workspace_id != workspace.id:
        raise NotFound(f"{workspace.handle} has no restore {restore_id[:32]}.")
    return restore


def of_operation_id(session: Session, operation_id: str) -> Restore:
    """Of an operation whose row is there with it."""
    return session.scalars(select(Restore).where(Restore.operation_id == operation_id)).one()


def of_operation(session: Session, operation: Operation) -> Restore | None:
    found = select(Restore).where(Restore.operation_id == operation.id)
    return session.scalars(found).one_or_none()


def of_workspace(session: Session, workspace_id: int, limit: int = 20) -> Sequence[Restore]:
    """Newest first."""
    return session.scalars(
        select(Restore)
        .where(Restore.workspace_id == workspace_id)
        .order_by(Restore.started_at.desc())
        .limit(limit)
    ).all()


@dataclass(frozen=True)
class Wanted:
    """What the new machine and volume will be."""

    image: str
    size: str
    volume_gb: int
    region: str


def wanted(session: Session, restore: Restore, settings: Settings) -> Wanted:
    """A restore and fresh files leave the settings as they are; a factory reset forgets them."""
    workspace = session.get_one(Workspace, restore.workspace_id)
    kind = Kind(restore.kind)
    fresh = kind in (Kind.FRESH_MACHINE, Kind.FACTORY)
    image = settings.guest_image if fresh else workspace.image
    if kind is Kind.FACTORY:
        plan, user = workspace.plan, workspace.user
        home = user.region if user is not None else workspace.region
        return Wanted(image, plan.size, plan.volume_gb, home)
    return Wanted(image, workspace.size, workspace.volume_gb, restore.region)


def newest_point(session: Session, workspace_id: int) -> Archive | Snapshot | None:
    """What brings the files back when the volume itself cannot be read."""
    archive = session.scalars(
        select(Archive)
        .where(
            Archive.workspace_id == workspace_id,
            Archive.state == "stored",
            Archive.gone_at.is_(None),
            Archive.error == "",
            Archive.drill_error == "",
        )
        .order_by(Archive.started_at.desc())
        .limit(1)
        .with_for_update()
    ).first()
    snapshot = session.scalars(
        select(Snapshot)
        .where(
            Snapshot.workspace_id == workspace_id,
            Snapshot.ended_at.is_(None),
            Snapshot.status == "created",
        )
        .order_by(Snapshot.created_at.desc())
        .limit(1)
    ).first()
    if archive is None or snapshot is None:
        return archive or snapshot
    return (
        archive if (archive.snapshot_at or archive.started_at) >= snapshot.created_at else snapshot
    )


def failed(session: Session, restore_id: str, why: str, now: datetime) -> None:
    restore = session.get_one(Restore, restore_id)
    restore.state, restore.error, restore.finished_at = "failed", why[:500], now
    fleet.bump(session)


def cleared(session: Session, restore_id: str) -> None:
    """Nothing of what it made is left at Fly."""
    restore = session.get_one(Restore, restore_id)
    restore.volume_id = restore.machine_id = None


def left_behind(session: Session, limit: int) -> Sequence[Restore]:
    """Of those that failed, the ones that may have left something at Fly, newest first."""
    return session.scalars(
        select(Restore)
        .join(Workspace, Workspace.id == Restore.workspace_id)
        .where(
            Restore.state == "failed",
            Restore.kind != Kind.UNDO,  # it makes nothing
            or_(Restore.volume_id.is_not(None), Restore.machine_id.is_not(None)),
            Workspace.destroyed_at.is_(None),
        )
        .order_by(Restore.started_at.desc())
        .limit(limit)
    ).all()


def broken_off(session: Session, operation_id: str, why: str, now: datetime) -> None:
    """Its operation has ended before it could say so itself; what it left is found by the next."""
    found = select(Restore).where(Restore.operation_id == operation_id, Restore.state == "making")
    for restore in session.scalars(found):
        failed(session, restore.id, why, now)


def held_volumes(session: Session, workspace_id: int) -> set[str]:
    """Volumes that a parked restore, or one under way, still needs."""
    rows = session.scalars(
        select(Restore).where(
            Restore.workspace_id == workspace_id,
            or_(
                Restore.state == "making",
                (Restore.target == Target.BESIDE) & (Restore.state == "done"),
                Restore.parked_until.is_not(None) & Restore.parking_ended_at.is_(None),
            ),
        )
    )
    return {one for row in rows for one in (row.volume_id, row.parked_volume_id) if one}
