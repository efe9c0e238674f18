"""Backups that stay whatever the policy says: protected by somebody, for a reason."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import Archive, BackupStanding, Workspace
from jarvis_admin.services import audit, fleet


def get(session: Session, workspace: Workspace, archive_id: str) -> Archive:
    """One of this workspace's; locked, so that retention does not take it meanwhile."""
    row = session.scalars(
        select(Archive)
        .where(Archive.id == archive_id, Archive.workspace_id == workspace.id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(f"{workspace.handle} has no archive {archive_id[:32]}.")
    return row


def protect(
    session: Session, workspace: Workspace, archive_id: str, *, by: str, why: str, now: datetime
) -> Archive:
    """Conflict when it is gone, or about to go."""
    row = get(session, workspace, archive_id)
    if row.state != "stored" or row.gone_at is not None:
        raise Conflict("This archive is not in the store any more: nothing can protect it.")
    if not 3 <= len(why) <= 500:
        raise Invalid("A reason of 3 to 500 characters goes into the audit trail.")
    if row.protected_at is not None:
        raise Conflict(f"{row.protected_by} has protected this archive already.")
    row.protected_at, row.protected_by, row.protected_why = now, by, why
    _told(session, workspace, row, "backup_protected", by, why, now)
    return row


def unprotect(
    session: Session, workspace: Workspace, archive_id: str, *, by: str, why: str, now: datetime
) -> Archive:
    """From the next round on it goes when the policy does not keep it."""
    row = get(session, workspace, archive_id)
    if row.protected_at is None:
        raise Conflict("This archive is not protected.")
    if not 3 <= len(why) <= 500:
        raise Invalid("A reason of 3 to 500 characters goes into the audit trail.")
    row.protected_at, row.protected_by, row.protected_why = None, "", ""
    session.execute(
        update(BackupStanding)
        .where(BackupStanding.workspace_id == workspace.id)
        .values(pruned_at=None)
    )
    _told(session, workspace, row, "backup_unprotected", by, why, now)
    return row


def _told(
    session: Session,
    workspace: Workspace,
    row: Archive,
    action: str,
    by: str,
    why: str,
    now: datetime,
) -> None:
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        subject=workspace.handle,
        reason=why,
        details={"archive": row.id},
    )
    fleet.bump(session)
