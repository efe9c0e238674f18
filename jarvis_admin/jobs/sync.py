"""The sync loop: Fly's list every 2 s while something moves, else every 10 s.

At least once: a page may be read twice, an event is recorded once. What a crash leaves unread is
marked in the database and read in the next round. It only ever asks the API, never a user's
public address, so watching wakes nobody and counts as nobody's activity.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from jarvis_admin.domain.lifecycle import ACTIVE_OPERATION, LASTING
from jarvis_admin.fly.errors import FlyError, FlyNotFound
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Fleet, Machine, Operation, Workspace
from jarvis_admin.services import fleet, observations, sync
from jarvis_admin.services.sync import Unread

# Fly's list is a view of the recent past: a late row may be older than one we have seen.
_OVERLAP = timedelta(seconds=60)
_MOST_FAILURES = 5

log = structlog.get_logger(__name__)


def sync_once(context: Context) -> int:
    """Read what has changed since the last time; how many machines were recorded.

    Fly silent: the fleet row says since when and why, and nothing else changes.
    """
    with context.sessions() as session:
        known = session.get_one(Fleet, fleet.FLEET_ID).changed_after
    try:
        newest, dark = _read_pages(context, known - _OVERLAP if known else None)
        recorded = read_events(context)
    except FlyError as silent:
        _note_fault(context, str(silent))
        return 0
    _note_success(context, max(filter(None, (newest, known)), default=None), dark)
    return recorded


def _read_pages(context: Context, since: datetime | None) -> tuple[datetime | None, set[str]]:
    newest: datetime | None = None
    dark: set[str] = set()
    for page in context.fly.org.machines(updated_after=since):
        dark.update(page.error_regions)
        if page.machines:
            latest = max(machine.updated_at for machine in page.machines)
            newest = max(newest, latest) if newest else latest
            with context.sessions.begin() as session:
                strangers = sync.apply_page(session, page.machines, context.clock())
            record(context, strangers)
    return newest, dark


def read_events(context: Context) -> int:
    """Record every machine that is marked unread."""
    with context.sessions() as session:
        waiting = sync.unread(session)
    return record(context, waiting)


def record(context: Context, machines: Iterable[Unread]) -> int:
    """One machine that cannot be read stays marked and does not hold up the others.

    Raises the FlyError after five failures in a row: then it is Fly, not a machine.
    """
    count, failed = 0, 0
    for one in machines:
        try:
            machine = context.fly.machines.get(one.app, one.machine_id)
        except FlyNotFound:
            gone(context, one.machine_id)
            continue
        except FlyError as unread:
            failed += 1
            log.warning("machine cannot be read", machine=one.machine_id, why=str(unread))
            if failed >= _MOST_FAILURES:
                raise
            continue
        failed = 0
        try:
            with context.sessions.begin() as session:
                observations.record_machine(
                    session,
                    one.workspace_id,
                    machine,
                    rootfs_mb=context.settings.guest_rootfs_mb,
                    now=context.clock(),
                )
        except SQLAlchemyError:  # it stays marked; the machines after it get their turn
            log.exception("machine cannot be recorded", machine=one.machine_id)
            continue
        count += 1
    return count


def gone(context: Context, machine_id: str) -> None:
    """Fly knows nothing of the machine any more: end its billing and say so on its row."""
    with context.sessions.begin() as session:
        row = session.get(Machine, machine_id)
        if row is not None:
            observations.record_gone(session, row, context.clock())


def pause(context: Context) -> timedelta:
    """How long to rest: short while a machine or an operation is under way."""
    with context.sessions() as session:
        moving = session.scalar(
            select(func.count())
            .select_from(Workspace)
            .where(Workspace.destroyed_at.is_(None), Workspace.state.not_in(LASTING))
        ) or session.scalar(
            select(func.count()).select_from(Operation).where(Operation.state.in_(ACTIVE_OPERATION))
        )
    return context.settings.sync_fast if moving else context.settings.sync_slow


def _note_fault(context: Context, why: str) -> None:
    with context.sessions.begin() as session:
        row = session.get_one(Fleet, fleet.FLEET_ID)
        if not row.fault:
            # What is shown is as old as the last good read, not as our noticing.
            row.fault_since = row.synced_at or context.clock()
            log.warning("fly cannot be read", why=why)
        row.fault = why[:500]
        fleet.bump(session)


def _note_success(context: Context, newest: datetime | None, dark: set[str]) -> None:
    with context.sessions.begin() as session:
        row = session.get_one(Fleet, fleet.FLEET_ID)
        regions = ",".join(sorted(dark))
        if row.fault or row.dark_regions != regions:
            fleet.bump(session)
        row.synced_at = context.clock()
        if not dark:  # what changed in a dark region is still to be listed
            row.changed_after = newest
        row.fault, row.fault_since = "", None
        row.dark_regions = regions
