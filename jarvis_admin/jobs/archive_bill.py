"""What an archive used at Fly goes into the ledger, when it is over: its machine and its volume."""

from jarvis_admin.fly.errors import FlyNotFound
from jarvis_admin.fly.types import Machine, Volume
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.helper_bill import size_of
from jarvis_admin.jobs.subject import subject
from jarvis_admin.models import Archive
from jarvis_admin.services import helpers
from jarvis_admin.services.helpers import Helper


def machine_by_id(context: Context, app: str, archive_id: str, machine_id: str) -> None:
    """Fly tells the events of what is destroyed, too; for a while."""
    try:
        seen = context.fly.machines.get(app, machine_id)
    except FlyNotFound:
        seen = None
    machine(context, archive_id, machine_id, seen)


def machine(context: Context, archive_id: str, machine_id: str, seen: Machine | None) -> None:
    """`seen`: as Fly shows it at its end; None: Fly does not know it any more."""
    with context.sessions() as session:
        archive = session.get(Archive, archive_id)
    if archive is None:
        return  # left by a database that is gone
    helper = Helper(
        workspace_id=archive.workspace_id,
        machine_id=machine_id,
        size=size_of(seen),
        region=seen.region if seen else subject(context, archive.workspace_id).region,
        rootfs_mb=context.settings.guest_rootfs_mb,
        since=archive.started_at,
    )
    events = seen.events if seen else ()
    with context.sessions.begin() as session:
        helpers.bill_machine(session, helper, events, context.clock())


def volume(context: Context, archive_id: str, seen: Volume) -> None:
    with context.sessions.begin() as session:
        archive = session.get(Archive, archive_id)
        if archive is not None:
            helpers.bill_volume(
                session,
                archive.workspace_id,
                seen.id,
                seen.size_gb,
                seen.region,
                since=seen.created_at,
                over=context.clock(),
            )
