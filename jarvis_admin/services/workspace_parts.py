"""What belongs to one workspace beside its row: its machine, its volume, snapshots, last work."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from jarvis_admin.domain.lifecycle import BESIDE
from jarvis_admin.models import Machine, Operation, Snapshot, Volume, Workspace

_SNAPSHOTS = 8


def machine(session: Session, workspace: Workspace) -> Machine | None:
    return session.get(Machine, workspace.machine_id) if workspace.machine_id else None


def volume(session: Session, workspace: Workspace) -> Volume | None:
    return session.get(Volume, workspace.volume_id) if workspace.volume_id else None


def snapshots(session: Session, workspace: Workspace) -> Sequence[Snapshot]:
    """Newest first, of all volumes it ever had."""
    return session.scalars(
        select(Snapshot)
        .where(Snapshot.workspace_id == workspace.id)
        .order_by(Snapshot.created_at.desc())
        .limit(_SNAPSHOTS)
    ).all()


def latest_operation(session: Session, workspace: Workspace) -> Operation | None:
    """With its steps; the one under way is always the latest. Work on copies is not shown."""
    return session.scalars(
        select(Operation)
        .where(Operation.workspace_id == workspace.id, Operation.kind.not_in(BESIDE))
        .order_by(Operation.created_at.desc())
        .options(selectinload(Operation.steps))
        .limit(1)
    ).first()
