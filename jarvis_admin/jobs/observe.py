"""Look at one machine at Fly and bring its rows up to date; waits included."""

from datetime import timedelta

from jarvis_admin.fly.types import Machine
from jarvis_admin.jobs import guests
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.subject import subject
from jarvis_admin.services import observations

_STATE_WITHIN = timedelta(minutes=3)


def await_state(context: Context, workspace_id: int, state: str) -> str:
    """Wait for the state at Fly, then record it; raises Deadline after three minutes."""
    me = subject(context, workspace_id)
    context.fly.machines.wait(me.app, me.machine_id, [state], timeout=_STATE_WITHIN)
    return look(context, workspace_id).state


def await_healthy(context: Context, workspace_id: int) -> None:
    me = subject(context, workspace_id)
    guests.await_healthy(context, me.app, me.machine_id)


def look(context: Context, workspace_id: int) -> Machine:
    """Read the machine with its events and record what is new."""
    me = subject(context, workspace_id)
    return record(context, workspace_id, me.app, me.machine_id)


def record(context: Context, workspace_id: int, app: str, machine_id: str) -> Machine:
    """The same of any machine in the workspace's app."""
    machine = context.fly.machines.get(app, machine_id)
    with context.sessions.begin() as session:
        observations.record_machine(
            session,
            workspace_id,
            machine,
            rootfs_mb=context.settings.guest_rootfs_mb,
            now=context.clock(),
        )
    return machine
