"""The way back to what a restore or reset parked, and the end of the parking.

At least once per step. Going back parks the present machine and files in turn: nothing is deleted
either way. Only the end of parking deletes, and only what carries our mark and is parked by a row
of ours.
"""

from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.fly.errors import FlyNotFound
from jarvis_admin.jobs import changeover, guests
from jarvis_admin.jobs import restore_steps as steps
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.operation import operation
from jarvis_admin.jobs.steps import Cancelled, Step, StepFailed
from jarvis_admin.jobs.subject import subject
from jarvis_admin.models import Operation, Restore
from jarvis_admin.services import parking, restore_switch, restores


@operation(OperationKind.UNDO)
def undo(step: Step, _workspace_id: int) -> None:
    restore_id, _, running = step("Read what was asked", changeover.read, step.operation_id)
    try:
        step("Find the parked machine", take_parked, restore_id)
        step.commit()
        step("Put the present machine to rest", changeover.rest_present, restore_id)
        step("Wake the parked machine", wake_parked, restore_id)
    except (StepFailed, Cancelled) as ended:
        step.commit()
        step("Leave all as it was", leave, restore_id, running, str(ended))
        raise
    step("Change over and park the present", changeover.switch, restore_id)
    step("Let visitors in", changeover.admit, restore_id)


def take_parked(context: Context, restore_id: str) -> str:
    """Its machine; made anew on the parked volume when Fly has lost it. Nothing is started yet."""
    with context.sessions.begin() as session:
        row = session.get_one(Restore, restore_id)
        parked = session.get_one(Restore, row.undoes_id)
        if not parking.is_parked(parked):
            raise StepFailed("The parked files are gone: there is no way back any more.")
        row.volume_id, row.region = parked.parked_volume_id, parked.parked_region
        row.machine_id = machine_id = parked.parked_machine_id
        app = session.get_one(Operation, row.operation_id).workspace.app_name
        volume_id = row.volume_id or ""
    if not guests.is_reachable(context, app, volume_id):
        raise StepFailed("The host of the parked files does not answer: there is no way back now.")
    if machine_id and _is_there(context, app, machine_id):
        return machine_id
    return steps.make_machine(context, restore_id)


def _is_there(context: Context, app: str, machine_id: str) -> bool:
    try:
        return context.fly.machines.get(app, machine_id).state != "destroyed"
    except FlyNotFound:
        return False


def wake_parked(context: Context, restore_id: str) -> None:
    now = steps.task(context, restore_id)
    guests.wake(context, now.me.app, now.machine_id)


def leave(context: Context, restore_id: str, running: bool, why: str) -> None:
    """The parked one rests again, the present one is back."""
    now = steps.task(context, restore_id)
    if now.machine_id and now.machine_id != now.me.machine_id:
        guests.rest(context, now.me.app, now.machine_id)
    why += changeover.bring_back(context, now.me, running)
    with context.sessions.begin() as session:
        restores.failed(session, restore_id, why, context.clock())
        restores.cleared(session, restore_id)


@operation(OperationKind.END_PARKING)
def end_parking(step: Step, workspace_id: int) -> None:
    parked_id = step("Read what was asked", find_parked, step.operation_id)
    step.commit()
    step("Remove the parked machine", remove_machine, workspace_id, parked_id)
    step("Remove the parked volume", remove_volume, workspace_id, parked_id)
    step("Note that it is gone", note_end, step.operation_id, parked_id)


def find_parked(context: Context, operation_id: str) -> str:
    with context.sessions() as session:
        operation = session.get_one(Operation, operation_id)
        row = session.get_one(Restore, operation.arguments["restore"])
        if row.workspace_id != operation.workspace_id or row.parked_until is None:
            raise StepFailed("Nothing is parked by this restore.")
        return row.id


def remove_machine(context: Context, workspace_id: int, parked_id: str) -> None:
    me = subject(context, workspace_id)
    with context.sessions() as session:
        machine_id = session.get_one(Restore, parked_id).parked_machine_id
    if machine_id and machine_id != me.machine_id:
        guests.remove(context, me.app, machine_id)
        changeover.note_gone(context, machine_id)


def remove_volume(context: Context, workspace_id: int, parked_id: str) -> None:
    me = subject(context, workspace_id)
    with context.sessions() as session:
        volume_id = session.get_one(Restore, parked_id).parked_volume_id
    if volume_id and volume_id != me.volume_id:
        guests.remove_volume(context, me.app, volume_id)
        with context.sessions.begin() as session:
            restore_switch.drop_volume_row(session, volume_id, context.clock())


def note_end(context: Context, operation_id: str, parked_id: str) -> None:
    with context.sessions.begin() as session:
        how = session.get_one(Operation, operation_id).arguments.get("how", "ended")
        restore_switch.end_parking(session, parked_id, how, context.clock())
