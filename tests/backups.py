"""Archives for tests, as rows: stored, with what a test is about."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.models import Archive, UserKey, Workspace
from jarvis_admin.services import archive_keys
from tests.factories import NOON, make_settings

DAY = timedelta(days=1)
_numbers = count(1)


def make_archive(session: Session, workspace: Workspace, days_ago: float = 0, **given: Any):
    """A good one; its moment is so many days before `now`, which is noon unless given."""
    at = given.pop("now", NOON) - days_ago * DAY
    number = f"ar{next(_numbers):06}"
    row = Archive(
        **{
            "id": number,
            "workspace_id": workspace.id,
            "key_id": _key(session, workspace).id,
            "state": "stored",
            "folder": f"jv-test/users/{workspace.user_id}/{number}",
            "needs": [],
            "started_at": at,
            "snapshot_at": at,
            "finished_at": at + timedelta(minutes=2),
            "files": 120,
            "bytes": 200_000_000,
            "stored_bytes": 100_000_000,
            **given,
        }
    )
    session.add(row)
    session.flush()
    return row


def _key(session: Session, workspace: Workspace) -> UserKey:
    found = session.scalars(select(UserKey).where(UserKey.user_id == workspace.user_id)).first()
    masters = archive_keys.master_keys(make_settings())
    return found or archive_keys.current(session, workspace.user, masters, NOON)
