"""Who looked at whose files: the audit trail of browsing archives."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.models import AuditEntry
from jarvis_admin.services import audit

LISTED = "files_listed"

_ONE_LOOK = timedelta(hours=1)


def was_listed(session: Session, handle: str, archive_id: str, *, by: str, now: datetime) -> bool:
    """Whether this person's look is on record: clicking through folders is one look an hour."""
    recent = session.scalars(
        select(AuditEntry.details).where(
            AuditEntry.subject == handle,
            AuditEntry.action == LISTED,
            AuditEntry.actor == by,
            AuditEntry.at > now - _ONE_LOOK,
        )
    )
    return any(details.get("archive") == archive_id for details in recent)


def listed(session: Session, handle: str, archive_id: str, *, by: str, now: datetime) -> None:
    details = {"archive": archive_id}
    audit.record(session, at=now, actor=by, action=LISTED, subject=handle, details=details)


def downloaded(
    session: Session,
    handle: str,
    archive_id: str,
    *,
    what: str,
    path: str,
    by: str,
    now: datetime,
) -> None:
    """`what` is a file or a folder."""
    audit.record(
        session,
        at=now,
        actor=by,
        action=f"{what}_downloaded",
        subject=handle,
        details={"path": path, "archive": archive_id},
    )
