"""The hourly full sweep finds what the incremental list cannot tell: what is not there.

At least once; it may run twice. A machine is only called gone after Fly has answered 404 to the
question for just that machine, and never while its region is in `error_regions`.
"""

from datetime import timedelta

import structlog
from sqlalchemy import select

from jarvis_admin.domain.guest import Mark
from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.fly.errors import FlyError, FlyNotFound
from jarvis_admin.jobs import sync
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Fleet, Machine, Volume, Workspace
from jarvis_admin.services import fleet, orphans, volumes
from jarvis_admin.services import sync as sync_rows
from jarvis_admin.services.keeping import Kept
from jarvis_admin.services.sync import Unread

EVERY = timedelta(hours=1)
# A machine we learnt of after the list was made is not missing from it.
_SETTLED = timedelta(minutes=5)

log = structlog.get_logger(__name__)


def sweep_if_due(context: Context) -> int:
    with context.sessions() as session:
        last = session.get_one(Fleet, fleet.FLEET_ID).swept_at
    if last is not None and context.clock() - last < EVERY:
        return 0
    return sweep(context)


def sweep(context: Context) -> int:
    """Read the whole list and look up what is missing from it; how many were looked up."""
    begun = context.clock()
    listed: set[str] = set()
    kept: set[str] = set()
    dark: set[str] = set()
    orphaned: list[Kept] = []
    strangers: list[Unread] = []
    mark = Mark(context.settings.fleet, context.settings.environment)
    try:
        for page in context.fly.org.machines(include_deleted=False):
            dark.update(page.error_regions)
            listed.update(machine.id for machine in page.machines)
            with context.sessions.begin() as session:
                strangers += sync_rows.apply_page(session, page.machines, context.clock())
                sync_rows.mark_risen(session, page.machines)
                rootfs_mb = context.settings.guest_rootfs_mb
                orphaned += orphans.machines(session, page.machines, mark, rootfs_mb, begun)
        for volumes_page in context.fly.org.volumes(include_deleted=True):
            dark.update(volumes_page.error_regions)
            with context.sessions.begin() as session:
                volumes.apply_page(session, volumes_page.volumes, context.clock())
                kept.update(volume.id for volume in volumes_page.volumes)
                orphaned += orphans.volumes(session, volumes_page.volumes, mark, begun)
        missing = _missing(context, listed, dark)
        sync.record(context, [*strangers, *missing])
        _end_missing_volumes(context, kept, dark)
    except FlyError as silent:
        log.warning("sweep given up", why=str(silent))
        return 0
    with context.sessions.begin() as session:
        if not dark:  # what a dark region hides is not gone
            orphans.bill(session, orphaned, begun)
        session.get_one(Fleet, fleet.FLEET_ID).swept_at = begun
    log.info("sweep done", listed=len(listed), looked_up=len(missing), orphans=len(orphaned))
    return len(missing)


def _missing(context: Context, listed: set[str], dark: set[str]) -> list[Unread]:
    with context.sessions() as session:
        rows = session.execute(
            select(Workspace.app_name, Machine.id, Machine.workspace_id)
            .join(Workspace, Workspace.id == Machine.workspace_id)
            .where(
                Machine.state != MachineState.DESTROYED,
                Machine.region.not_in(dark),
                Machine.created_at < context.clock() - _SETTLED,
            )
        )
        return [Unread(*row) for row in rows if row[1] not in listed]


def _end_missing_volumes(context: Context, listed: set[str], dark: set[str]) -> None:
    """As with machines: gone is what Fly denies when it is asked for just that volume."""
    with context.sessions() as session:
        rows = session.execute(
            select(Workspace.app_name, Volume.id)
            .join(Workspace, Workspace.id == Volume.workspace_id)
            .where(
                Volume.deleted_at.is_(None),
                Volume.region.not_in(dark),
                Volume.created_at < context.clock() - _SETTLED,
            )
        )
        missing = [(app, number) for app, number in rows if number not in listed]
    for app, number in missing:
        try:
            context.fly.volumes.get(app, number)
        except FlyError as error:
            if not isinstance(error, FlyNotFound):
                log.warning("volume cannot be read", volume=number, why=str(error))
                continue
            with context.sessions.begin() as session:
                volumes.end_gone(session, number, context.clock())
