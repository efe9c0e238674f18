"""Snapshots at Fly, mirrored into our rows."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from jarvis_admin.fly.types import Snapshot as FlySnapshot
from jarvis_admin.models import Snapshot
from jarvis_admin.services import fleet


def store(session: Session, workspace_id: int, volume_id: str, seen: Iterable[FlySnapshot]) -> None:
    """Insert or update; a snapshot is known by Fly's id."""
    for row in seen:
        session.merge(
            Snapshot(
                id=row.id,
                workspace_id=workspace_id,
                volume_id=volume_id,
                status=row.status,
                size_bytes=row.size,
                retention_days=row.retention_days,
                created_at=row.created_at,
            )
        )
    fleet.bump(session)
