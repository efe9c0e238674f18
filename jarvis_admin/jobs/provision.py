"""Provision a workspace: app, secret, volume, machine, ready.

At least once per step; every step looks for its own effect first. Any refusal, and a
cancel, deletes the app with all that is in it, and the row says why; it can then be asked for
again.
"""

from jarvis_admin.domain import guest
from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.pricing import Size
from jarvis_admin.domain.regions import fallbacks
from jarvis_admin.fly.errors import Conflict, NameTaken, NoCapacity
from jarvis_admin.fly.types import Guest
from jarvis_admin.jobs import observe, removal
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.operation import operation
from jarvis_admin.jobs.steps import Cancelled, Step, StepFailed
from jarvis_admin.jobs.subject import Subject, subject
from jarvis_admin.services import provisioning

_READY_WITHIN_SECONDS = 120


@operation(OperationKind.PROVISION)
def provision(step: Step, workspace_id: int) -> None:
    try:
        step("Create the app", create_app, workspace_id)
        step("Set its secrets", set_secrets, workspace_id)
        step("Create volume and machine", place, workspace_id)
        step("Wait until it has started", await_started, workspace_id)
        step("Wait until it answers", observe.await_healthy, workspace_id)
    except (StepFailed, Cancelled) as ended:
        step.commit()
        step("Remove what was made", remove, workspace_id, str(ended))
        raise


def create_app(context: Context, workspace_id: int) -> str:
    me = subject(context, workspace_id)
    try:
        context.fly.apps.create(me.app, network=me.app)
    except NameTaken:
        # Ours from an attempt that lost its answer, or somebody else's: only a look can tell.
        context.fly.apps.get(me.app)
    return me.app


def set_secrets(context: Context, workspace_id: int) -> int:
    """The secrets' version; the value is derived, so nothing here stores it."""
    me = subject(context, workspace_id)
    value = provisioning.replay_secret(context.settings.secret_key, me.app)
    return context.fly.secrets.set_many(me.app, {guest.REPLAY_SECRET: value})


def place(context: Context, workspace_id: int) -> str:
    """Volume and machine in the first of the near regions that has room for both."""
    me = subject(context, workspace_id)
    if me.machine_id:
        return me.machine_id
    *nearer, last = fallbacks(me.region)
    for region in nearer:
        try:
            return _place_in(context, me, region)
        except NoCapacity:
            _drop_volumes(context, me.app)
    return _place_in(context, me, last)


def _place_in(context: Context, me: Subject, region: str) -> str:
    volume_id = _ensure_volume(context, me, region)
    machine_id = _ensure_machine(context, me, region, volume_id)
    with context.sessions.begin() as session:
        provisioning.placed(session, me.workspace_id, machine_id, volume_id, region)
    return machine_id


def _ensure_volume(context: Context, me: Subject, region: str) -> str:
    for volume in context.fly.volumes.list(me.app):
        if volume.region == region and not volume.gone:
            return volume.id
    size = Size.parse(me.size)
    made = context.fly.volumes.create(
        me.app,
        name=guest.VOLUME_NAME,
        region=region,
        size_gb=me.volume_gb,
        compute=Guest(cpu_kind=size.cpu_kind, cpus=size.cpus, memory_mb=size.memory_mb),
        snapshot_retention=me.snapshot_retention_days,
    )
    return made.id


def _ensure_machine(context: Context, me: Subject, region: str, volume_id: str) -> str:
    known = context.fly.machines.list(me.app)
    if known:
        return known[0].id
    settings = context.settings
    config = guest.machine_config(
        image=me.image,
        size=Size.parse(me.size),
        volume_id=volume_id,
        idle_policy=me.idle_policy,
        handle=me.handle,
        mark=guest.Mark(settings.fleet, settings.environment),
    )
    try:
        return context.fly.machines.create(
            me.app, name=guest.MACHINE_NAME, region=region, config=config
        ).id
    except Conflict as conflict:
        if not conflict.duplicate_name:
            raise
        return context.fly.machines.list(me.app)[0].id


def _drop_volumes(context: Context, app: str) -> None:
    for volume in context.fly.volumes.list(app):
        if not volume.gone and volume.attached_machine_id is None:
            context.fly.volumes.delete(app, volume.id)


def await_started(context: Context, workspace_id: int) -> str:
    return observe.await_state(context, workspace_id, "started")


def remove(context: Context, workspace_id: int, why: str) -> None:
    me = subject(context, workspace_id)
    removal.delete_app(context, me.app)
    removal.await_gone(context, me.app)
    with context.sessions.begin() as session:
        provisioning.failed(session, workspace_id, why, context.clock())
