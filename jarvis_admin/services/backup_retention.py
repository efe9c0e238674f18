"""Retention: archives that the policy does not keep are cleared away, in two steps.

First the row says that it is going, under guards in the database: from then on nothing new uses
it. Then its objects are deleted, and only when they are is it marked gone. Whoever dies in
between leaves a row that is going, and the next round ends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from jarvis_admin.domain import backup_schedule
from jarvis_admin.domain.backup_schedule import Schedule
from jarvis_admin.domain.lifecycle import ACTIVE_OPERATION
from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.domain.retention import Backup, Verdict, judge
from jarvis_admin.models import Archive, BackupStanding, Drill, Operation, Restore, Workspace
from jarvis_admin.services import audit, backup_policies, fleet

# While one of these is under way none of the workspace's archives is touched.
_USING = (K.ARCHIVE, K.RESTORE, K.RESET, K.UNDO, K.DRILL, K.SCRATCH)


@dataclass(frozen=True)
class Going:
    archive_id: str
    folder: str


def schedule_of(session: Session, workspace: Workspace) -> Schedule:
    """The policy that counts for it, with time zone and seed."""
    policy = backup_policies.of_workspace(session, workspace)
    region = workspace.user.region if workspace.user else workspace.region
    return backup_schedule.schedule(policy, region, workspace.id)


def backup_of(row: Archive) -> Backup:
    return Backup(
        row.id,
        row.snapshot_at or row.started_at,
        good=row.error == "",
        proven=row.proven_at is not None,
        protected=row.protected_at is not None,
        needs=frozenset(row.needs),
    )


def stored(session: Session, workspace_id: int, *, lock: bool = False) -> Sequence[Archive]:
    """Newest first."""
    found = (
        select(Archive)
        .where(
            Archive.workspace_id == workspace_id,
            Archive.state == "stored",
            Archive.gone_at.is_(None),
        )
        .order_by(Archive.started_at.desc())
    )
    # Whoever begins a restore or a drill holds its archive in that transaction: it ends first.
    locked = found.with_for_update().execution_options(populate_existing=True)
    return session.scalars(locked if lock else found).all()


def verdicts(session: Session, workspace: Workspace) -> list[Verdict]:
    plan = schedule_of(session, workspace)
    kept = (backup_of(row) for row in stored(session, workspace.id))
    return judge(kept, plan.policy, plan.zone)


def waiting(session: Session, limit: int) -> Sequence[int]:
    """Workspaces that retention should look at: first where something changed, then the
    longest ago."""
    return session.scalars(
        select(BackupStanding.workspace_id)
        .where(
            BackupStanding.archives > 1,
            (BackupStanding.pruned_at.is_(None))
            | (BackupStanding.pruned_at < BackupStanding.stood_at),
        )
        .order_by(BackupStanding.pruned_at.asc().nulls_first(), BackupStanding.workspace_id)
        .limit(limit)
    ).all()


def release(session: Session, workspace_id: int, now: datetime) -> list[Going]:
    """Mark what the policy does not keep as going; what is in use waits for another round."""
    workspace = session.get_one(Workspace, workspace_id)
    plan = schedule_of(session, workspace)
    rows = {row.id: row for row in stored(session, workspace_id, lock=True)}
    judged = judge((backup_of(row) for row in rows.values()), plan.policy, plan.zone)
    wanted = [one.backup.id for one in judged if not one.kept]
    going = [Going(one, rows[one].folder) for one in wanted if _mark(session, one)]
    if len(going) == len(wanted):
        session.execute(
            update(BackupStanding)
            .where(BackupStanding.workspace_id == workspace_id)
            .values(pruned_at=now)
        )
    if going:
        audit.record(
            session,
            at=now,
            actor="schedule",
            action="backup_expired",
            subject=workspace.handle,
            reason="the policy does not keep them any longer",
            details={"archives": [one.archive_id for one in going]},
        )
        fleet.bump(session)
    return going


def _mark(session: Session, archive_id: str) -> bool:
    """The guards, in one statement: it is as it was judged, and nobody uses it."""
    row, making = Archive, aliased(Archive)
    in_use = (
        exists().where(
            Operation.workspace_id == row.workspace_id,
            Operation.state.in_(ACTIVE_OPERATION),
            Operation.kind.in_(_USING),
        ),
        exists().where(Restore.archive_id == row.id, Restore.state == "making"),
        exists().where(Drill.archive_id == row.id, Drill.state == "running"),
        exists().where(making.workspace_id == row.workspace_id, making.state == "making"),
    )
    marked = session.execute(
        update(row)
        .where(
            row.id == archive_id,
            row.state == "stored",
            row.protected_at.is_(None),
            *(~used for used in in_use),
        )
        .values(state="going")
        .execution_options(synchronize_session=False)
    )
    return bool(marked.rowcount)  # type: ignore[attr-defined]


def going(session: Session, limit: int) -> list[Going]:
    """Marked, and their objects perhaps still there."""
    rows = session.execute(
        select(Archive.id, Archive.folder).where(Archive.state == "going").limit(limit)
    )
    return [Going(*row) for row in rows]


def gone(session: Session, archive_id: str, now: datetime) -> None:
    """Its objects were deleted. What it was stays on record: it had been stored."""
    session.execute(
        update(Archive)
        .where(Archive.id == archive_id, Archive.state == "going")
        .values(state="stored", gone_at=now)
        .execution_options(synchronize_session=False)
    )
    fleet.bump(session)
