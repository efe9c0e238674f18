"""A backup to look at: in a machine of its own, or on a volume beside the workspace's.

The workspace is not touched by either. At least once per step; each looks for its own effect
first. Whatever ends it early removes what was made; what stays goes at its date.
"""

from datetime import timedelta

from jarvis_admin.domain import guest, restores
from jarvis_admin.domain.guest import Mark
from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.pricing import Size
from jarvis_admin.domain.restores import Target
from jarvis_admin.fly.errors import NameTaken
from jarvis_admin.jobs import guests, helper_bill, removal, restore_steps, unpacking
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.operation import operation
from jarvis_admin.jobs.steps import Cancelled, Step, StepFailed
from jarvis_admin.models import Archive, Operation, Restore
from jarvis_admin.services import restore_switch, scratches
from jarvis_admin.services import restores as rows

_SCRATCH_KEPT = timedelta(hours=2)
_BESIDE_KEPT = timedelta(days=7)


@operation(OperationKind.SCRATCH)
def scratch(step: Step, _workspace_id: int) -> None:
    restore_id, target = step("Read what was asked", read, step.operation_id)
    try:
        if target == Target.SCRATCH:
            _boot_it(step, restore_id)
        else:
            step("Make a new volume", restore_steps.make_volume, restore_id)
            step("Fill it and compare every file", restore_steps.fill, restore_id)
        step.commit()
        step("Note until when it stays", keep, restore_id)
    except (StepFailed, Cancelled) as ended:
        step.commit()
        step("Remove what was made", give_up, restore_id, str(ended))
        raise


def _boot_it(step: Step, restore_id: str) -> None:
    step("Make an app for it", make_app, restore_id)
    volume_id = step("Make a new volume", make_volume, restore_id)
    step("Unpack it and compare every file", unpack, restore_id, volume_id)
    machine_id = step("Start a machine on it", boot, restore_id, volume_id)
    step("Wait until it answers", await_answer, restore_id, machine_id)


@operation(OperationKind.END_SCRATCH)
def end_scratch(step: Step, _workspace_id: int) -> None:
    restore_id = step("Read what was asked", find, step.operation_id)
    step.commit()
    step("Remove what was made", remove, restore_id)
    step("Note that it is gone", note_end, restore_id)


def read(context: Context, operation_id: str) -> tuple[str, str]:
    with context.sessions() as session:
        row = rows.of_operation_id(session, operation_id)
        return row.id, row.target


def make_app(context: Context, restore_id: str) -> str:
    """On a network of its own: what is restored sees nobody and is seen by nobody."""
    mark = Mark(context.settings.fleet, context.settings.environment)
    app = mark.app_name(restores.SCRATCH, restore_id)
    with context.sessions.begin() as session:
        session.get_one(Restore, restore_id).app_name = app
    try:
        context.fly.apps.create(app, network=app)
    except NameTaken:
        context.fly.apps.get(app)  # ours, from an attempt that lost its answer
    return app


def make_volume(context: Context, restore_id: str) -> str:
    now = restore_steps.task(context, restore_id)
    volume_id = unpacking.make_volume(
        context,
        _app(context, restore_id),
        name=guest.VOLUME_NAME,
        region=now.wanted.region,
        size_gb=max(now.wanted.volume_gb, restore_steps.source_gb(context, now)),
        size=now.wanted.size,
        retention_days=1,
    )
    with context.sessions.begin() as session:
        session.get_one(Restore, restore_id).volume_id = volume_id
    return volume_id


def unpack(context: Context, restore_id: str, volume_id: str) -> int:
    now = restore_steps.task(context, restore_id)
    assert now.archive_id is not None, "a snapshot is known in its own app alone"
    app = _app(context, restore_id)
    unpacking.await_filled(context, app, volume_id)
    unpacking.unpack(
        context,
        app,
        workspace_id=now.me.workspace_id,
        volume_id=volume_id,
        archive_id=now.archive_id,
        key=now.id,
        image=now.me.image,
        gigabytes=now.wanted.volume_gb,
    )
    with context.sessions.begin() as session:
        files = session.get_one(Archive, now.archive_id).files
        session.get_one(Restore, restore_id).compared_files = files
    return files


def boot(context: Context, restore_id: str, volume_id: str) -> str:
    """Without services: it is looked into through Fly's own shell."""
    now, app = restore_steps.task(context, restore_id), _app(context, restore_id)
    config = guest.drill_config(
        image=now.me.image,
        size=Size.parse(now.wanted.size),
        volume_id=volume_id,
        handle=now.me.handle,
        drill_id=restore_id,
        mark=Mark(context.settings.fleet, context.settings.environment),
    )
    region = context.fly.volumes.get(app, volume_id).region
    machine_id = guests.make(context, app, name=restores.SCRATCH, region=region, config=config)
    with context.sessions.begin() as session:
        row = session.get_one(Restore, restore_id)
        row.machine_id, row.region = machine_id, region
    return machine_id


def await_answer(context: Context, restore_id: str, machine_id: str) -> None:
    app = _app(context, restore_id)
    guests.await_started(context, app, machine_id)
    guests.await_healthy(context, app, machine_id)


def keep(context: Context, restore_id: str) -> None:
    with context.sessions.begin() as session:
        target = session.get_one(Restore, restore_id).target
        kept = _SCRATCH_KEPT if target == Target.SCRATCH else _BESIDE_KEPT
        scratches.made(session, restore_id, kept, context.clock())


def give_up(context: Context, restore_id: str, why: str) -> None:
    remove(context, restore_id)
    with context.sessions.begin() as session:
        rows.failed(session, restore_id, why, context.clock())
        rows.cleared(session, restore_id)


def find(context: Context, operation_id: str) -> str:
    with context.sessions() as session:
        return str(session.get_one(Operation, operation_id).arguments["restore"])


def remove(context: Context, restore_id: str) -> None:
    """Only what this restore made: an app of its own, or a volume with its name."""
    now, app = restore_steps.task(context, restore_id), _app(context, restore_id)
    if app:
        helper_bill.app(context, now.me.workspace_id, app, restores.SCRATCH)
        removal.delete_app(context, app)
        removal.await_gone(context, app)
        unpacking.withdraw(context, now.archive_id, restore_id)
        return
    unpacking.stop(context, now.me.app, now.archive_id, restore_id)
    for volume in context.fly.volumes.list(now.me.app):
        if volume.name == restores.volume_name(restore_id) and not volume.gone:
            guests.remove_volume(context, now.me.app, volume.id)
    with context.sessions.begin() as session:
        restore_switch.drop_volume_row(session, now.volume_id, context.clock())


def note_end(context: Context, restore_id: str) -> None:
    with context.sessions.begin() as session:
        scratches.ended(session, restore_id, context.clock())


def _app(context: Context, restore_id: str) -> str:
    """Empty for a volume beside, which lies in the user's own."""
    with context.sessions() as session:
        return session.get_one(Restore, restore_id).app_name
