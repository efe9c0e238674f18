"""From the present machine to the new one and back: rested, switched, let in, or left alone."""

from jarvis_admin.domain import restores
from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.fly.errors import Deadline, FlyNotFound, NoCapacity, WrongState
from jarvis_admin.jobs import guests, observe, unpacking
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.restore_steps import task
from jarvis_admin.jobs.subject import Subject
from jarvis_admin.services import quota_brakes, restore_switch
from jarvis_admin.services import restores as rows


def read(context: Context, operation_id: str) -> tuple[str, str, bool]:
    """Its id, what it makes, and whether the present machine runs: should this fail, it will."""
    with context.sessions() as session:
        restore_id = rows.of_operation_id(session, operation_id).id
    now = task(context, restore_id)
    return restore_id, now.kind, _runs(context, now.me)


def _runs(context: Context, me: Subject) -> bool:
    try:
        machine = context.fly.machines.get(me.app, me.machine_id) if me.machine_id else None
    except FlyNotFound:
        return False
    return machine is not None and machine.state == MachineState.STARTED


def rest_present(context: Context, restore_id: str) -> str:
    """What the present machine is then; whether it ran before is what `wake_present` goes by."""
    me = task(context, restore_id).me
    with context.sessions.begin() as session:
        restore_switch.rested(session, restore_id, context.clock())
    return guests.rest(context, me.app, me.machine_id) if me.machine_id else "destroyed"


def switch(context: Context, restore_id: str) -> None:
    """The workspace is the new machine and volume from here on."""
    now = task(context, restore_id)
    observe.record(context, now.me.workspace_id, now.me.app, now.machine_id)
    with context.sessions.begin() as session:
        at = context.clock()
        restore_switch.switched(session, restore_id, now.machine_id, now.volume_id, at)


def admit(context: Context, restore_id: str) -> None:
    """Should this never succeed, the loop over parked machines does it."""
    now = task(context, restore_id)
    guests.admit(context, now.me.app, now.machine_id)
    observe.look(context, now.me.workspace_id)


def give_up(context: Context, restore_id: str, running: bool, why: str) -> None:
    """Back to where it was: the present machine in routing, and nothing new left at Fly."""
    why += bring_back(context, task(context, restore_id).me, running)
    remove_made(context, restore_id)
    with context.sessions.begin() as session:
        rows.failed(session, restore_id, why, context.clock())
        rows.cleared(session, restore_id)


def remove_made(context: Context, restore_id: str) -> None:
    """What this restore made and what did not become the workspace's own."""
    now = task(context, restore_id)
    unpacking.stop(context, now.me.app, now.archive_id, now.id)
    name = restores.machine_name(now.id)
    for made in {now.machine_id, guests.named(context, now.me.app, name)}:
        if made and made != now.me.machine_id:
            guests.remove(context, now.me.app, made)
            note_gone(context, made)
    for volume in context.fly.volumes.list(now.me.app):
        ours = volume.name == restores.volume_name(now.id) and volume.id != now.me.volume_id
        if ours and not volume.gone:
            guests.remove_volume(context, now.me.app, volume.id)
    with context.sessions.begin() as session:
        restore_switch.drop_volume_row(session, now.volume_id, context.clock())


def bring_back(context: Context, me: Subject, running: bool) -> str:
    """The machine that the workspace has, as it was; one that cannot answer is left alone.

    Empty, or why that went wrong: it must not keep the rest from being put in order.
    """
    try:
        machine = context.fly.machines.get(me.app, me.machine_id) if me.machine_id else None
        if machine is None or not machine.reachable or machine.state == MachineState.DESTROYED:
            return ""
        with context.sessions() as session:
            braked = quota_brakes.keeps_out(session, me.workspace_id, me.machine_id)
        if not braked:
            guests.admit(context, me.app, me.machine_id)
        if running:
            guests.wake(context, me.app, me.machine_id)
    except FlyNotFound:
        return ""
    except (NoCapacity, WrongState, Deadline) as stuck:
        return f" The old machine could not be woken again: {stuck}"
    return ""


def note_gone(context: Context, machine_id: str) -> None:
    """We have waited for its end ourselves: its bill ends here."""
    with context.sessions.begin() as session:
        restore_switch.machine_gone(session, machine_id, context.clock())
