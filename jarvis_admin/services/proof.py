"""May a user's data be destroyed? Not while their newest backup is not proven restorable."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.models import Archive, Workspace
from jarvis_admin.services import backup_policies


def refusal(session: Session, workspace: Workspace, now: datetime) -> str | None:
    """Why not, in a sentence; None: the newest backup is proven, or there is nothing to lose."""
    if workspace.user_id is None or not workspace.volume_id:
        return None  # no user's data was ever on it
    handle, backup = workspace.handle, newest(session, workspace.id)
    if backup is None:
        return f"There is no backup of {handle} outside of Fly."
    shows = f"The newest backup of {handle}, of {backup.snapshot_at or backup.started_at:%d %B %Y},"
    if backup.error:
        return f"{shows} is damaged: {backup.error}"
    if backup.drill_error:
        return f"{shows} failed its last restore drill: {backup.drill_error}"
    if backup.proven_at is None:
        return f"{shows} was never proven restorable."
    days = backup_policies.of_workspace(session, workspace).prove_days
    if days and backup.proven_at < now - timedelta(days=days):
        age = (now - backup.proven_at).days
        return f"{shows} was proven restorable {age} days ago; the policy wants {days} at most."
    return None


def newest(session: Session, workspace_id: int) -> Archive | None:
    """The one a restore would begin with, whatever was found out about it."""
    return session.scalars(
        select(Archive)
        .where(
            Archive.workspace_id == workspace_id,
            Archive.state == "stored",
            Archive.gone_at.is_(None),
        )
        .order_by(Archive.started_at.desc())
        .limit(1)
    ).first()
