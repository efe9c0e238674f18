"""Start, stop, suspend and restart a machine.

At least once per step: each looks at the machine first and leaves alone what is as wanted.
"""

from jarvis_admin.domain.lifecycle import MachineState, OperationKind
from jarvis_admin.fly.errors import Refused, WrongState
from jarvis_admin.jobs import observe
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.instants import note_time
from jarvis_admin.jobs.operation import operation
from jarvis_admin.jobs.steps import Step
from jarvis_admin.jobs.subject import subject

_ON_ITS_WAY = {
    "started": {MachineState.STARTED, MachineState.STARTING},
    "stopped": {MachineState.STOPPED, MachineState.STOPPING},
    "suspended": {MachineState.SUSPENDED, MachineState.SUSPENDING},
}


@operation(OperationKind.START)
def start(step: Step, workspace_id: int) -> None:
    step("Ask Fly to start it", ask_start, workspace_id)
    step.commit()
    step("Wait until it has started", await_state, workspace_id, "started")
    step("Wait until it answers", observe.await_healthy, workspace_id)


@operation(OperationKind.STOP)
def stop(step: Step, workspace_id: int) -> None:
    step("Ask Fly to stop it", ask_stop, workspace_id)
    step.commit()
    step("Wait until it has stopped", await_state, workspace_id, "stopped")


@operation(OperationKind.SUSPEND)
def suspend(step: Step, workspace_id: int) -> None:
    becomes = step("Ask Fly to suspend it", ask_suspend, workspace_id)
    step.commit()
    step(f"Wait until it is {becomes}", await_state, workspace_id, becomes)


@operation(OperationKind.RESTART)
def restart(step: Step, workspace_id: int) -> None:
    since = step("Note the time", note_time, workspace_id)
    step("Ask Fly to restart it", ask_restart, workspace_id, since)
    step.commit()
    step("Wait until it has started", await_state, workspace_id, "started")
    step("Wait until it answers", observe.await_healthy, workspace_id)


def ask_start(context: Context, workspace_id: int) -> None:
    """Fly refuses a start for some seconds after a stop (412): the step waits that out."""
    me = subject(context, workspace_id)
    if not _heading_for(context, me.app, me.machine_id, "started"):
        context.fly.machines.start(me.app, me.machine_id)


def ask_stop(context: Context, workspace_id: int) -> None:
    me = subject(context, workspace_id)
    if not _heading_for(context, me.app, me.machine_id, "stopped"):
        context.fly.machines.stop(me.app, me.machine_id)


def ask_suspend(context: Context, workspace_id: int) -> str:
    """What it becomes: Fly's advice is to stop a machine that it will not suspend."""
    me = subject(context, workspace_id)
    if _heading_for(context, me.app, me.machine_id, "suspended"):
        return "suspended"
    try:
        context.fly.machines.suspend(me.app, me.machine_id)
    except (WrongState, Refused):
        if not _heading_for(context, me.app, me.machine_id, "stopped"):
            context.fly.machines.stop(me.app, me.machine_id)
        return "stopped"
    return "suspended"


def ask_restart(context: Context, workspace_id: int, since: float) -> None:
    """A restart that Fly has told of since we were asked is ours: it is not repeated."""
    me = subject(context, workspace_id)
    events = context.fly.machines.get(me.app, me.machine_id).events
    if not any(e.kind == "restart" and e.at.timestamp() >= since for e in events):
        context.fly.machines.restart(me.app, me.machine_id)


def await_state(context: Context, workspace_id: int, state: str) -> str:
    return observe.await_state(context, workspace_id, state)


def _heading_for(context: Context, app: str, machine_id: str, state: str) -> bool:
    return context.fly.machines.get(app, machine_id).state in _ON_ITS_WAY[state]
