"""Back a workspace up: a snapshot of its volume at Fly.

The machine is neither woken nor slowed. At least once: a snapshot that is younger than the
request counts as its own, so a repeated step does not take a second one.
"""

import time
from datetime import timedelta

from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.fly.errors import Deadline, WrongState
from jarvis_admin.fly.types import Snapshot
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.instants import note_time
from jarvis_admin.jobs.operation import operation
from jarvis_admin.jobs.steps import Step
from jarvis_admin.jobs.subject import subject
from jarvis_admin.services import snapshots

_WITHIN = timedelta(minutes=10)
_LOOK_EVERY_SECONDS = 1.0


@operation(OperationKind.BACKUP)
def backup(step: Step, workspace_id: int) -> None:
    since = step("Note the time", note_time, workspace_id)
    step("Ask Fly for a snapshot", ask_snapshot, workspace_id, since)
    step.commit()
    step("Wait until it is written", await_snapshot, workspace_id, since)


def ask_snapshot(context: Context, workspace_id: int, since: float) -> None:
    me = subject(context, workspace_id)
    if _newest_since(context, me.app, me.volume_id, since) is not None:
        return
    try:
        context.fly.snapshots.create(me.app, me.volume_id)
    except WrongState:
        # One is being written already; if it began after we asked it is as good as ours.
        if _newest_since(context, me.app, me.volume_id, since) is None:
            raise


def await_snapshot(context: Context, workspace_id: int, since: float) -> str:
    me = subject(context, workspace_id)
    give_up = time.monotonic() + _WITHIN.total_seconds()
    while time.monotonic() < give_up:
        newest = _newest_since(context, me.app, me.volume_id, since)
        if newest is not None and newest.status == "created":
            with context.sessions.begin() as session:
                now = context.clock()
                snapshots.store(session, workspace_id, me.volume_id, [newest], now)
            return newest.id
        time.sleep(_LOOK_EVERY_SECONDS)
    raise Deadline(what=f"the snapshot of {me.volume_id}")


def _newest_since(context: Context, app: str, volume_id: str, since: float) -> Snapshot | None:
    found = [
        row
        for row in context.fly.snapshots.list(app, volume_id)
        if row.created_at.timestamp() >= since
    ]
    return max(found, key=lambda row: row.created_at, default=None)
