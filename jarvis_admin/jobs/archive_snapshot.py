"""The snapshot an archive is made from: one that was not there before we asked.

By its id and not by its time: Fly's clock and ours differ, and an archive that shows a moment
before it was asked for would be a lie.
"""

import time
from collections.abc import Collection
from datetime import timedelta

from jarvis_admin.fly.errors import Deadline
from jarvis_admin.fly.types import Snapshot
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.subject import subject
from jarvis_admin.services import snapshots

_WITHIN = timedelta(minutes=20)
_LOOK_EVERY_SECONDS = 0.5


def note_known(context: Context, workspace_id: int) -> list[str]:
    me = subject(context, workspace_id)
    return [row.id for row in context.fly.snapshots.list(me.app, me.volume_id)]


def ask(context: Context, workspace_id: int, known: list[str]) -> None:
    """Raises WrongState while an older one is being written: the step waits that out."""
    me = subject(context, workspace_id)
    if _new(context, me.app, me.volume_id, known) is None:
        context.fly.snapshots.create(me.app, me.volume_id)


def await_written(context: Context, workspace_id: int, known: list[str]) -> str:
    me = subject(context, workspace_id)
    give_up = time.monotonic() + _WITHIN.total_seconds()
    while time.monotonic() < give_up:
        ours = _new(context, me.app, me.volume_id, known)
        if ours is not None and ours.status == "created":
            with context.sessions.begin() as session:
                now = context.clock()
                snapshots.store(session, workspace_id, me.volume_id, [ours], now)
            return ours.id
        time.sleep(_LOOK_EVERY_SECONDS)
    raise Deadline(what=f"the snapshot of {me.volume_id}")


def _new(context: Context, app: str, volume_id: str, known: Collection[str]) -> Snapshot | None:
    """The oldest that is new: a step that runs again finds the same one."""
    found = [row for row in context.fly.snapshots.list(app, volume_id) if row.id not in known]
    return min(found, key=lambda row: row.created_at, default=None)
