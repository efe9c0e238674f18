"""Look at one machine at Fly and bring its rows up to date; waits included."""

import time
from datetime import timedelta

from jarvis_admin.fly.errors import Deadline
from jarvis_admin.fly.types import Machine
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.subject import subject
from jarvis_admin.services import observations

_STATE_WITHIN = timedelta(minutes=3)
_HEALTHY_WITHIN = timedelta(seconds=90)
_LOOK_EVERY_SECONDS = 0.5


def await_state(context: Context, workspace_id: int, state: str) -> str:
    """Wait for the state at Fly, then record it; raises Deadline after three minutes."""
    me = subject(context, workspace_id)
    context.fly.machines.wait(me.app, me.machine_id, [state], timeout=_STATE_WITHIN)
    return look(context, workspace_id).state


def await_healthy(context: Context, workspace_id: int) -> None:
    """`started` only means that it booted: wait until its own checks pass, if it has any."""
    me = subject(context, workspace_id)
    give_up = time.monotonic() + _HEALTHY_WITHIN.total_seconds()
    while time.monotonic() < give_up:
        checks = context.fly.machines.get(me.app, me.machine_id).checks
        if all(check.status == "passing" for check in checks):
            return
        time.sleep(_LOOK_EVERY_SECONDS)
    raise Deadline(what=f"the health check of {me.handle}'s machine")


def look(context: Context, workspace_id: int) -> Machine:
    """Read the machine with its events and record what is new."""
    me = subject(context, workspace_id)
    machine = context.fly.machines.get(me.app, me.machine_id)
    with context.sessions.begin() as session:
        observations.record_machine(
            session,
            workspace_id,
            machine,
            rootfs_mb=context.settings.guest_rootfs_mb,
            now=context.clock(),
        )
    return machine
