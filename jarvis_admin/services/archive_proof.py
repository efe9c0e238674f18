"""Proving an archive by reading every byte of it back; what was found is kept on its row."""

from datetime import datetime

from jarvis_admin.config import Settings
from jarvis_admin.db import Sessions
from jarvis_admin.errors import Conflict
from jarvis_admin.models import Archive
from jarvis_admin.services import archive_checks, archives
from jarvis_admin.services.archive_checks import Unsound
from jarvis_admin.storage import ObjectStore


def verify(
    sessions: Sessions, store: ObjectStore, settings: Settings, archive_id: str, now: datetime
) -> str:
    """What is wrong with it, in a sentence; empty: every file is what was archived.

    No transaction is open while the store answers. Raises StoreError when it does not: that
    says nothing about the archive.
    """
    try:
        with sessions() as session:
            row = session.get_one(Archive, archive_id)
            ring = archives.keys(session, row, settings)
        archive_checks.verify(store, archive_id, row.folder, ring.of)
        problem = ""
    except (Unsound, Conflict) as found:
        problem = str(found)
    with sessions.begin() as session:
        archives.verified(session, archive_id, problem, now)
    return problem
