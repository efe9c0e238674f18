"""What helpers used at Fly goes into the ledger, when it is over: machines and their volumes.

Of a restore's own machine in the user's app, and of whole apps that were made to look at a
backup. Fly tells the events of what is destroyed, too, but nothing of an app that is deleted: so
an app is asked first. Each may run twice.
"""

from contextlib import suppress

from jarvis_admin.domain import archiver
from jarvis_admin.domain.size import Size
from jarvis_admin.fly.errors import FlyError, FlyNotFound
from jarvis_admin.fly.types import Machine
from jarvis_admin.jobs.context import Context
from jarvis_admin.services import helpers
from jarvis_admin.services.helpers import Helper


def machine(context: Context, workspace_id: int, app: str, machine_id: str, role: str) -> None:
    """One that is over; of one that Fly does not know any more nothing can be told."""
    with suppress(FlyNotFound):
        _bill(context, workspace_id, context.fly.machines.get(app, machine_id), role)


def app(context: Context, workspace_id: int, name: str, role: str) -> None:
    """All that is in it, as far as it has come: call it right before the app is deleted.

    What Fly does not tell now is lost to the ledger: the removal does not wait for it.
    """
    with suppress(FlyError):
        for seen in context.fly.machines.list(name, include_deleted=True):
            _bill(context, workspace_id, context.fly.machines.get(name, seen.id), role)
    with suppress(FlyError):
        for volume in context.fly.volumes.list(name):
            with context.sessions.begin() as session:
                helpers.bill_volume(
                    session,
                    workspace_id,
                    volume.id,
                    volume.size_gb,
                    volume.region,
                    since=volume.created_at,
                    over=context.clock(),
                )


def _bill(context: Context, workspace_id: int, seen: Machine, role: str) -> None:
    helper = Helper(
        workspace_id=workspace_id,
        machine_id=seen.id,
        size=size_of(seen),
        region=seen.region,
        rootfs_mb=context.settings.guest_rootfs_mb,
        since=seen.created_at,
        role=role,
    )
    with context.sessions.begin() as session:
        helpers.bill_machine(session, helper, seen.events, context.clock())


def size_of(seen: Machine | None) -> str:
    """An archiver's, where Fly does not show it."""
    if seen is not None and seen.config is not None:
        guest = seen.config.guest
        return Size(guest.cpu_kind, guest.cpus, guest.memory_mb).slug
    return Size("shared", archiver.CPUS, archiver.MEMORY_MB).slug
