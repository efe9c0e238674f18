"""The words by which a workspace is found."""

import re

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from jarvis_admin.models import SearchTerm, User, Workspace

_WORD = re.compile(r"[\w.+-]+")
_LONGEST = 120


def index(session: Session, workspace: Workspace, user: User | None) -> None:
    """Renew a workspace's search terms: handle, names, e-mail, app, machine and volume ids."""
    said = [workspace.handle, workspace.app_name, workspace.machine_id, workspace.volume_id]
    if user is not None:
        said += [user.email, *_WORD.findall(user.name)]
    terms = {word.lower()[:_LONGEST] for word in said if word}
    forget(session, workspace)
    session.execute(
        insert(SearchTerm), [{"term": t, "workspace_id": workspace.id} for t in sorted(terms)]
    )


def forget(session: Session, workspace: Workspace) -> None:
    session.execute(delete(SearchTerm).where(SearchTerm.workspace_id == workspace.id))
