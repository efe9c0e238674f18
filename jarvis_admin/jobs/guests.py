"""A user's machine other than the one their workspace has now: made, rested, woken, removed.

Every function looks first and leaves alone what is as wanted, so each may run twice.
"""

import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from jarvis_admin.domain.guest import Mark
from jarvis_admin.fly.errors import Conflict, Deadline, FlyNotFound, WrongState
from jarvis_admin.fly.types import Machine
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.steps import StepFailed

_STATE_WITHIN = timedelta(minutes=3)
_HEALTHY_WITHIN = timedelta(seconds=90)
_GONE_WITHIN = timedelta(minutes=2)
_LOOK_EVERY_SECONDS = 0.3


class NotOurs(StepFailed):
    """It does not carry our mark: nothing is done to it."""


def make(
    context: Context,
    app: str,
    *,
    name: str,
    region: str,
    config: dict[str, Any],
    cordoned: bool = False,
) -> str:
    """Its id. `cordoned`: nothing reaches it from outside yet, its own checks run all the same."""
    known = _named(context, app, name)
    if known is not None:
        return known.id
    try:
        return context.fly.machines.create(
            app, name=name, region=region, config=config, skip_service_registration=cordoned
        ).id
    except Conflict as conflict:
        made = _named(context, app, name) if conflict.duplicate_name else None
        if made is None:
            raise
        return made.id


def await_started(context: Context, app: str, machine_id: str) -> None:
    context.fly.machines.wait(app, machine_id, ["started"], timeout=_STATE_WITHIN)


def await_healthy(context: Context, app: str, machine_id: str) -> None:
    """`started` only means that it booted: wait until its own checks pass, if it has any."""
    give_up = time.monotonic() + _HEALTHY_WITHIN.total_seconds()
    while time.monotonic() < give_up:
        machine = context.fly.machines.get(app, machine_id)
        if machine.ended:
            raise StepFailed(f"Machine {machine_id} started and then ended: it is {machine.state}.")
        if all(check.status == "passing" for check in machine.checks):
            return
        time.sleep(_LOOK_EVERY_SECONDS)
    raise Deadline(what=f"the health check of machine {machine_id}")


def rest(context: Context, app: str, machine_id: str) -> str:
    """Cordoned and stopped, so that neither we nor Fly's proxy start it. What it is then.

    A machine whose host does not answer, or that is gone, cannot be rested and need not be: the
    loop over parked machines tries again.
    """
    try:
        machine = context.fly.machines.get(app, machine_id)
        if not machine.reachable or machine.state in ("destroyed", "destroying"):
            return "unreachable" if not machine.reachable else machine.state
        if not machine.cordoned:
            context.fly.machines.cordon(app, machine_id)
        if machine.state not in ("stopped", "created", "failed"):
            context.fly.machines.stop(app, machine_id)
            context.fly.machines.wait(app, machine_id, ["stopped"], timeout=_STATE_WITHIN)
    except FlyNotFound:
        return "destroyed"
    return "stopped"


def wake(context: Context, app: str, machine_id: str) -> None:
    """Started and healthy, though still out of routing: see `admit`."""
    state = context.fly.machines.get(app, machine_id).state
    if state not in ("started", "starting"):
        context.fly.machines.start(app, machine_id)
    await_started(context, app, machine_id)
    await_healthy(context, app, machine_id)


def admit(context: Context, app: str, machine_id: str) -> None:
    """Into Fly's routing."""
    if context.fly.machines.get(app, machine_id).cordoned:
        context.fly.machines.uncordon(app, machine_id)


def remove(context: Context, app: str, machine_id: str) -> None:
    """And wait until it is gone. Raises NotOurs without our mark."""
    mark = Mark(context.settings.fleet, context.settings.environment)
    try:
        machine = context.fly.machines.get(app, machine_id)
    except FlyNotFound:
        return
    config = machine.config or machine.incomplete_config
    if config is None or not mark.owns(config.metadata):
        raise NotOurs(f"Machine {machine_id} in {app} does not carry our mark: it was left alone.")
    if machine.state != "destroyed":
        with suppress(FlyNotFound):  # one with auto_destroy may have gone since
            context.fly.machines.destroy(app, machine_id, force=True)
        _await_gone(context, app, machine_id)


def remove_volume(context: Context, app: str, volume_id: str) -> None:
    """Raises WrongState while a machine is bound to it: the step waits that out."""
    try:
        volume = context.fly.volumes.get(app, volume_id)
        if volume.gone:
            return
        if volume.attached_machine_id:
            raise WrongState(what=f"volume {volume_id}", detail="a machine is bound to it")
        context.fly.volumes.delete(app, volume_id)
    except FlyNotFound:
        return


def is_reachable(context: Context, app: str, volume_id: str) -> bool:
    """Whether a volume's host answers and it is still there."""
    try:
        volume = context.fly.volumes.get(app, volume_id)
    except FlyNotFound:
        return False
    return volume.reachable and not volume.gone


def named(context: Context, app: str, name: str) -> str | None:
    found = _named(context, app, name)
    return found.id if found is not None else None


def _named(context: Context, app: str, name: str) -> Machine | None:
    return next((m for m in context.fly.machines.list(app) if m.name == name), None)


def _await_gone(context: Context, app: str, machine_id: str) -> None:
    give_up = time.monotonic() + _GONE_WITHIN.total_seconds()
    while time.monotonic() < give_up:
        try:
            if context.fly.machines.get(app, machine_id).state == "destroyed":
                return
        except FlyNotFound:
            return
        time.sleep(_LOOK_EVERY_SECONDS)
    raise Deadline(what=f"the end of machine {machine_id}")
