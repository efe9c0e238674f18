"""A volume filled from a backup: from a snapshot by Fly, from an archive by a short-lived machine.

The machine unpacks, reads everything back and compares it with the manifest; its exit code tells.
At least once per step; each looks for its own effect first.
"""

import time
from contextlib import suppress
from datetime import timedelta

from jarvis_admin.domain import archiver
from jarvis_admin.domain.guest import Mark
from jarvis_admin.domain.pricing import Size
from jarvis_admin.domain.regions import fallbacks
from jarvis_admin.errors import JarvisError
from jarvis_admin.fly.errors import Deadline, FlyNotFound, NoCapacity
from jarvis_admin.fly.types import Guest, Machine
from jarvis_admin.jobs import guests, helper_bill
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.steps import StepFailed
from jarvis_admin.models import Archive
from jarvis_admin.services import archives, restore_tickets
from jarvis_admin.services.archive_checks import Unsound

_WITHIN = timedelta(minutes=30)
_WITHIN_A_GB = timedelta(minutes=6)  # written, then read back; Fly gives a shared machine 16 MiB/s
_FILLED_WITHIN = timedelta(minutes=30)
_FIRST_LOOK, _LONGEST_LOOK = 0.2, 5.0
_MOST_VANISHED = 2
RESTORER = "restorer"  # what its seconds are called in the ledger


class NotRestorable(StepFailed):
    """The archive is damaged, or what stood on the volume was not what it holds."""


def make_volume(
    context: Context,
    app: str,
    *,
    name: str,
    region: str,
    size_gb: int,
    size: str,
    snapshot_id: str | None = None,
    retention_days: int | None = None,
) -> str:
    """In the first of the near regions with room, its id; filled from the snapshot, if one."""
    for volume in context.fly.volumes.list(app):
        if volume.name == name and not volume.gone:
            return volume.id
    guest = Size.parse(size)
    *nearer, last = fallbacks(region)

    def make_in(place: str) -> str:
        return context.fly.volumes.create(
            app,
            name=name,
            region=place,
            size_gb=size_gb,
            compute=Guest(cpu_kind=guest.cpu_kind, cpus=guest.cpus, memory_mb=guest.memory_mb),
            snapshot_id=snapshot_id,
            snapshot_retention=retention_days,
            require_unique_zone=False,
        ).id

    for place in nearer:
        try:
            return make_in(place)
        except NoCapacity:
            continue
    return make_in(last)


def await_filled(context: Context, app: str, volume_id: str) -> str:
    """Until Fly has written the snapshot onto it; where it lies."""
    give_up = time.monotonic() + _FILLED_WITHIN.total_seconds()
    pause = _FIRST_LOOK
    while time.monotonic() < give_up:
        volume = context.fly.volumes.get(app, volume_id)
        if volume.mountable:
            return volume.region
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_LOOK)
    raise Deadline(what=f"the filling of volume {volume_id}")


def unpack(
    context: Context,
    app: str,
    *,
    workspace_id: int,
    volume_id: str,
    archive_id: str,
    key: str,
    image: str,
    gigabytes: int,
) -> None:
    """Put an archive onto an empty volume: every path written, read back and compared.

    `key` names the run. A machine that is gone without a word is made again: it finds what was
    done and compares it. Raises NotRestorable for what is the archive's fault, else StepFailed.
    """
    give_up = time.monotonic() + (_WITHIN + _WITHIN_A_GB * gigabytes).total_seconds()
    machine_id = _start(context, app, volume_id, archive_id, key, image)
    vanished, pause = 0, _FIRST_LOOK
    while time.monotonic() < give_up:
        machine = _seen(context, app, machine_id)
        if machine is None:
            vanished += 1
            if vanished > _MOST_VANISHED:
                raise StepFailed("The restoring machine vanished again and again.")
            machine_id = _start(context, app, volume_id, archive_id, key, image)
        elif machine.ended:
            helper_bill.machine(context, workspace_id, app, machine_id, RESTORER)
            _judge(machine)
            break
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_LOOK)
    else:
        raise Deadline(what=f"the restoring machine {machine_id}")
    guests.remove(context, app, machine_id)
    withdraw(context, archive_id, key)


def _seen(context: Context, app: str, machine_id: str) -> Machine | None:
    """None: it is gone, and nothing tells how it ended."""
    try:
        machine = context.fly.machines.get(app, machine_id)
    except FlyNotFound:
        return None
    return None if machine.state == "destroyed" and machine.last_exit is None else machine


def stop(context: Context, app: str, archive_id: str | None, key: str) -> None:
    """End a run that is not wanted any more, should there be one."""
    machine_id = guests.named(context, app, archiver.restorer_name(key))
    if machine_id is not None:
        guests.remove(context, app, machine_id)
    withdraw(context, archive_id, key)


def withdraw(context: Context, archive_id: str | None, key: str) -> None:
    """The restorer's pages of URLs go. A silent store keeps them: the URLs end within a day."""
    if archive_id is None or context.store is None:
        return
    with context.sessions() as session:
        folder = session.get_one(Archive, archive_id).folder
    with suppress(JarvisError):
        restore_tickets.withdraw(context.store, folder, key)


def _start(
    context: Context, app: str, volume_id: str, archive_id: str, key: str, image: str
) -> str:
    """The ticket is made anew with each try, and stored nowhere but in the machine's config."""
    name = archiver.restorer_name(key)
    known = guests.named(context, app, name)
    if known is not None:
        return known
    config = archiver.restorer_config(
        image=image,
        volume_id=volume_id,
        volume_name=name[:30],
        key=key,
        ticket=_ticket(context, archive_id, key),
        mark=Mark(context.settings.fleet, context.settings.environment),
    )
    region = context.fly.volumes.get(app, volume_id).region
    return guests.make(context, app, name=name, region=region, config=config)


def _ticket(context: Context, archive_id: str, key: str) -> str:
    if context.store is None:
        raise StepFailed("The object store cannot be opened; `doctor` says why.")
    try:
        with context.sessions() as session:
            row = session.get_one(Archive, archive_id)
            ring = archives.keys(session, row, context.settings)
        return restore_tickets.issue(context.store, row, ring, key).to_json()
    except Unsound as unsound:
        raise NotRestorable(str(unsound)) from unsound
    except JarvisError as refusal:
        raise StepFailed(str(refusal)) from refusal


def _judge(machine: Machine) -> None:
    last = machine.last_exit
    if last is None:
        raise StepFailed("The restoring machine could not boot.")
    code = last.guest_exit_code or last.exit_code
    if code or last.oom_killed:
        why = archiver.restore_ending(code, last.oom_killed)
        raise NotRestorable(why) if code in archiver.ARCHIVES_FAULT else StepFailed(why)
