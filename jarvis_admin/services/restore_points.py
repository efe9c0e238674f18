"""The points a workspace can go back to: our archives and Fly's snapshots, in one list."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.models import Archive, Snapshot


@dataclass(frozen=True)
class Point:
    """`at` is the moment it shows; `trouble` is why it may not do, or empty."""

    id: str
    is_archive: bool
    at: datetime
    bytes: int
    files: int | None
    proven_at: datetime | None = None
    trouble: str = ""


def newest(session: Session, workspace_id: int, limit: int = 30) -> list[Point]:
    """Newest first; what is not whole, or gone, is no point."""
    archives = session.scalars(
        select(Archive)
        .where(
            Archive.workspace_id == workspace_id,
            Archive.state == "stored",
            Archive.gone_at.is_(None),
        )
        .order_by(Archive.started_at.desc())
        .limit(limit)
    )
    snapshots = session.scalars(
        select(Snapshot)
        .where(
            Snapshot.workspace_id == workspace_id,
            Snapshot.status == "created",
            Snapshot.ended_at.is_(None),
        )
        .order_by(Snapshot.created_at.desc())
        .limit(limit)
    )
    found = [*map(_of_archive, archives), *map(_of_snapshot, snapshots)]
    return sorted(found, key=lambda point: point.at, reverse=True)[:limit]


def _of_archive(row: Archive) -> Point:
    return Point(
        id=row.id,
        is_archive=True,
        at=row.snapshot_at or row.started_at,
        bytes=row.bytes,
        files=row.files,
        proven_at=row.proven_at,
        trouble=row.error or row.drill_error,
    )


def _of_snapshot(row: Snapshot) -> Point:
    return Point(row.id, False, row.created_at, row.size_bytes, None)
