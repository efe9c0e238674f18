"""The steps of a restore drill, each safe to run twice."""

import time
from dataclasses import dataclass
from datetime import timedelta

from jarvis_admin.domain import guest
from jarvis_admin.domain.guest import Mark
from jarvis_admin.domain.pricing import Size
from jarvis_admin.fly.errors import NameTaken
from jarvis_admin.jobs import guests, helper_bill, removal, unpacking
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.steps import StepFailed
from jarvis_admin.jobs.subject import Subject, subject
from jarvis_admin.jobs.unpacking import NotRestorable
from jarvis_admin.models import Drill
from jarvis_admin.services import drills

_HEALTHY_WITHIN = timedelta(minutes=3)
_LOOK_EVERY_SECONDS = 0.3


@dataclass(frozen=True)
class Task:
    """A drill as its row and its user's workspace tell it now."""

    id: str
    app: str
    archive_id: str
    me: Subject


def begin(context: Context, operation_id: str) -> str:
    with context.sessions.begin() as session:
        return drills.begin(session, operation_id, context.settings, context.clock()).id


def task(context: Context, drill_id: str) -> Task:
    with context.sessions() as session:
        row = session.get_one(Drill, drill_id)
    me = subject(context, row.workspace_id)
    return Task(row.id, row.app_name, row.archive_id, me)


def make_app(context: Context, drill_id: str) -> str:
    """On a network of its own: what is restored sees nobody and is seen by nobody."""
    now = task(context, drill_id)
    if context.store is None:
        raise StepFailed("The object store cannot be opened; `doctor` says why.")
    try:
        context.fly.apps.create(now.app, network=now.app)
    except NameTaken:
        # Ours from an attempt that lost its answer: nobody else guesses the drill's id.
        context.fly.apps.get(now.app)
    return now.app


def make_volume(context: Context, drill_id: str) -> str:
    """As large as the user's, near it, in the first region with room."""
    now = task(context, drill_id)
    return unpacking.make_volume(
        context,
        now.app,
        name=guest.VOLUME_NAME,
        region=now.me.region,
        size_gb=now.me.volume_gb,
        size=now.me.size,
        retention_days=1,
    )


def unpack(context: Context, drill_id: str, volume_id: str) -> None:
    """By a short-lived machine, which reads everything back. Raises NotRestorable."""
    now = task(context, drill_id)
    unpacking.await_filled(context, now.app, volume_id)
    unpacking.unpack(
        context,
        now.app,
        workspace_id=now.me.workspace_id,
        volume_id=volume_id,
        archive_id=now.archive_id,
        key=now.id,
        image=now.me.image,
        gigabytes=now.me.volume_gb,
    )


def boot(context: Context, drill_id: str, volume_id: str) -> str:
    now = task(context, drill_id)
    config = guest.drill_config(
        image=now.me.image,
        size=Size.parse(now.me.size),
        volume_id=volume_id,
        handle=now.me.handle,
        drill_id=now.id,
        mark=Mark(context.settings.fleet, context.settings.environment),
    )
    region = context.fly.volumes.get(now.app, volume_id).region
    return guests.make(context, now.app, name=guest.MACHINE_NAME, region=region, config=config)


def note_time(context: Context) -> float:
    """Epoch seconds, by our clock."""
    return context.clock().timestamp()


def await_healthy(context: Context, drill_id: str, machine_id: str, since: float) -> int:
    """Milliseconds from `since` until its check had passed.

    A machine that ends or never passes is a restore nobody could work with: NotRestorable.
    """
    app = task(context, drill_id).app
    give_up = time.monotonic() + _HEALTHY_WITHIN.total_seconds()
    while time.monotonic() < give_up:
        machine = context.fly.machines.get(app, machine_id)
        if machine.ended:
            raise NotRestorable(
                f"The machine on the restored files ended by itself: it is {machine.state}."
            )
        if machine.checks and all(check.status == "passing" for check in machine.checks):
            return max(round((context.clock().timestamp() - since) * 1000), 0)
        time.sleep(_LOOK_EVERY_SECONDS)
    raise NotRestorable("The machine on the restored files never passed its health check.")


def stamp(context: Context, drill_id: str, boot_ms: int) -> None:
    with context.sessions.begin() as session:
        drills.passed(session, drill_id, boot_ms=boot_ms, now=context.clock())


def note_failure(context: Context, drill_id: str, why: str, blamed: bool) -> None:
    with context.sessions.begin() as session:
        drills.failed(session, drill_id, why, archives_fault=blamed, now=context.clock())


def remove(context: Context, drill_id: str) -> None:
    now = task(context, drill_id)
    helper_bill.app(context, now.me.workspace_id, now.app, "drill")
    removal.delete_app(context, now.app)
    removal.await_gone(context, now.app)
    unpacking.withdraw(context, now.archive_id, now.id)
