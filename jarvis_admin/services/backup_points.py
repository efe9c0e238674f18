"""The moments a user can go back to: our archives and Fly's snapshots in one list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.backup_forecast import Forecast, Stored, forecast
from jarvis_admin.domain.retention import Reason, judge
from jarvis_admin.models import Archive, Snapshot, Workspace
from jarvis_admin.services import backup_retention

_MOST = 200


@dataclass(frozen=True)
class Point:
    """Either an archive or a snapshot."""

    at: datetime
    archive: Archive | None = None
    snapshot: Snapshot | None = None
    reasons: Sequence[Reason] = ()  # why the archive is kept
    for_archive: bool = False  # a snapshot that an archive was made from
    goes_at: datetime | None = None  # None: not within a year, as far as one can see

    @property
    def id(self) -> str:
        found = self.archive or self.snapshot
        return found.id if found else ""


@dataclass(frozen=True)
class Points:
    points: Sequence[Point]  # newest first
    outlook: Forecast


def of_workspace(session: Session, workspace: Workspace, now: datetime) -> Points:
    """A constant number of statements; failed archives of late are among them."""
    archives, snapshots = _archives(session, workspace.id), _snapshots(session, workspace.id, now)
    plan = backup_retention.schedule_of(session, workspace)
    here = [row for row in archives if row.state == "stored" and row.gone_at is None]
    judged = judge(map(backup_retention.backup_of, here), plan.policy, plan.zone)
    kept = {one.backup.id: one.reasons for one in judged}
    outlook = forecast([stored_of(row) for row in here], plan, workspace.created_at, now)
    of_archives = {row.snapshot_id for row in archives}
    found = [
        *(_of_archive(row, kept, outlook) for row in archives),
        *(
            Point(
                row.created_at,
                snapshot=row,
                goes_at=row.expires_at,
                for_archive=row.id in of_archives,
            )
            for row in snapshots
        ),
    ]
    return Points(sorted(found, key=lambda one: (one.at, one.id), reverse=True), outlook)


def stored_of(row: Archive) -> Stored:
    return Stored(backup_retention.backup_of(row), row.stored_bytes, row.generation)


def _of_archive(row: Archive, kept: Mapping[str, Sequence[Reason]], outlook: Forecast) -> Point:
    at = row.snapshot_at or row.started_at
    return Point(at, archive=row, reasons=kept.get(row.id, ()), goes_at=outlook.goes_at.get(row.id))


def _archives(session: Session, workspace_id: int) -> Sequence[Archive]:
    return session.scalars(
        select(Archive)
        .where(
            Archive.workspace_id == workspace_id,
            or_(Archive.gone_at.is_(None), Archive.state == "failed"),
        )
        .order_by(Archive.started_at.desc())
        .limit(_MOST)
    ).all()


def _snapshots(session: Session, workspace_id: int, now: datetime) -> Sequence[Snapshot]:
    return session.scalars(
        select(Snapshot)
        .where(
            Snapshot.workspace_id == workspace_id,
            Snapshot.ended_at.is_(None),
            Snapshot.expires_at > now,
        )
        .order_by(Snapshot.created_at.desc())
        .limit(_MOST)
    ).all()
