"""How an archiver ends, and what is removed after it, whatever the end was."""

import time
from contextlib import suppress
from datetime import timedelta

from jarvis_admin.domain import archiver
from jarvis_admin.domain.guest import Mark
from jarvis_admin.errors import JarvisError
from jarvis_admin.fly.errors import Deadline, FlyNotFound
from jarvis_admin.fly.types import Machine
from jarvis_admin.jobs import archive_bill
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.steps import StepFailed
from jarvis_admin.jobs.subject import Subject, subject
from jarvis_admin.models import Archive
from jarvis_admin.services import archives

_WITHIN = timedelta(minutes=30)
_WITHIN_A_GB = timedelta(minutes=3)  # Fly reads a shared machine's volume with 16 MiB/s
_GONE_WITHIN = timedelta(minutes=2)
_FIRST_LOOK, _LONGEST_LOOK = 0.2, 5.0


def await_archiver(context: Context, archive_id: str, machine_id: str) -> int:
    """Its exit code, 0; anything else ends the operation with a sentence.

    A machine that is gone without a word may have done its work: the check will tell.
    """
    me = subject_of(context, archive_id)
    give_up = time.monotonic() + (_WITHIN + _WITHIN_A_GB * me.volume_gb).total_seconds()
    pause = _FIRST_LOOK
    while time.monotonic() < give_up:
        try:
            machine = context.fly.machines.get(me.app, machine_id)
        except FlyNotFound:
            archive_bill.machine(context, archive_id, machine_id, None)
            return 0
        if machine.ended:
            archive_bill.machine(context, archive_id, machine_id, machine)
            return _judge(context, archive_id, machine)
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_LOOK)
    raise Deadline(what=f"the archiver {machine_id}")


def _judge(context: Context, archive_id: str, machine: Machine) -> int:
    exits = [event for event in machine.events if event.exit is not None]
    last = max(exits, key=lambda event: event.at, default=None)
    if last is None or last.exit is None:
        if machine.state == "failed":
            raise StepFailed("The archiver's machine could not boot.")
        return 0
    code = last.exit.guest_exit_code or last.exit.exit_code
    if code or last.exit.oom_killed:
        why = archiver.ending(code, last.exit.oom_killed)
        if code == archiver.BASE_DAMAGED:
            with context.sessions.begin() as session:
                archives.doubt_base(session, archive_id, why)
        raise StepFailed(why)
    return 0


def remove(context: Context, archive_id: str) -> None:
    """The machine, should it still be there, and the volume."""
    me = subject_of(context, archive_id)
    _remove(context, me.app, archive_id)


def remove_all(context: Context, app: str) -> None:
    """What is left of earlier archives; only what carries our mark, by name or metadata."""
    left = {
        machine.config.metadata.get(archiver.ARCHIVE_MARK, "")
        for machine in context.fly.machines.list(app)
        if machine.config is not None
    }
    left |= {
        volume.name.removeprefix(archiver.volume_name(""))
        for volume in context.fly.volumes.list(app)
        if archiver.is_archive_volume(volume.name) and not volume.gone
    }
    for archive_id in sorted(left - {""}):
        _remove(context, app, archive_id)


def give_up(context: Context, archive_id: str, why: str) -> None:
    remove(context, archive_id)
    with context.sessions() as session:
        folder = session.get_one(Archive, archive_id).folder
    if context.store is not None:
        try:
            for one in list(context.store.list(folder)):
                context.store.delete(one.key)
        except JarvisError as silent:  # the reason for giving up may be just this
            why = f"{why} What it had sent is still there: {silent}"
    with context.sessions.begin() as session:
        archives.failed(session, archive_id, why, context.clock())


def subject_of(context: Context, archive_id: str) -> Subject:
    with context.sessions() as session:
        workspace_id = session.get_one(Archive, archive_id).workspace_id
    return subject(context, workspace_id)


def _remove(context: Context, app: str, archive_id: str) -> None:
    """Raises WrongState while a volume is still bound to its machine: the step waits that out."""
    mark = Mark(context.settings.fleet, context.settings.environment)
    ours = [
        machine
        for machine in _machines(context, app, archive_id, gone_too=True)
        if machine.config is not None and mark.owns(machine.config.metadata)
    ]
    for machine in ours:
        if machine.state != "destroyed":
            with suppress(FlyNotFound):
                context.fly.machines.destroy(app, machine.id, force=True)
    _await_none(context, app, archive_id)
    for machine in ours:  # one that went by itself has told its last event since it was billed
        archive_bill.machine_by_id(context, app, archive_id, machine.id)
    for volume in context.fly.volumes.list(app):
        if volume.name == archiver.volume_name(archive_id) and not volume.gone:
            archive_bill.volume(context, archive_id, volume)
            context.fly.volumes.delete(app, volume.id)


def _await_none(context: Context, app: str, archive_id: str) -> None:
    give_up_at = time.monotonic() + _GONE_WITHIN.total_seconds()
    while _machines(context, app, archive_id):
        if time.monotonic() > give_up_at:
            raise Deadline(what=f"the end of the archiver of {archive_id}")
        time.sleep(_FIRST_LOOK)


def _machines(context: Context, app: str, archive_id: str, gone_too: bool = False) -> list[Machine]:
    mark = {archiver.ARCHIVE_MARK: archive_id}
    found = context.fly.machines.list(app, metadata=mark, include_deleted=gone_too)
    return [machine for machine in found if gone_too or machine.state != "destroyed"]
