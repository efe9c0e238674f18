"""One machine as Fly shows it, recorded: its row, transitions, intervals and the list row."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import LASTING, MachineState
from jarvis_admin.domain.pricing import PriceBook, Size
from jarvis_admin.fly.types import Event, Guest
from jarvis_admin.fly.types import Machine as FlyMachine
from jarvis_admin.models import Machine, Transition, Volume, Workspace
from jarvis_admin.services import fleet, keeping, metering, prices, transitions, turn

# What is inferred follows what is known, so that their order is never in doubt.
_AFTER = timedelta(microseconds=1)
_BY_SOMEBODY = {"user", "proxy"}
# Entering one of these is the end or the beginning of somebody's work.
_AFTER_WORK = {MachineState.STARTED, MachineState.SUSPENDED, MachineState.STOPPED}
_LOST = "Its machine was destroyed at Fly, not by us."


def record_machine(
    session: Session,
    workspace_id: int,
    machine: FlyMachine,
    *,
    rootfs_mb: int,
    now: datetime,
    events: Sequence[Event] | None = None,
) -> Machine:
    """Bring everything we hold about a machine up to date; safe to repeat.

    `events` are Fly's, in any order; those of the machine itself when not given.
    """
    turn.take(session)
    workspace = session.get_one(Workspace, workspace_id, with_for_update=True)
    known = session.get(Machine, machine.id, with_for_update=True)
    if known is not None and _has_ended(workspace, known):
        known.unread = False
        return known
    if known is not None and _is_older(known, machine):
        return known  # it stays marked: the newer state is still to be read
    row = _machine_row(session, workspace, machine, rootfs_mb, now)
    since = transitions.record(session, row, machine.events if events is None else events)
    last = transitions.latest(session, row.id)
    if last is None or _is_ahead(last, row, machine):
        at = machine.updated_at if last is None else max(machine.updated_at, last.at + _AFTER)
        last = transitions.seen(session, row, machine.state, at=at)
        since = min(since, at) if since else at
    row.state = machine.state
    row.unread = False
    if since is not None and workspace.destroyed_at is None:
        books = prices.load(session)
        metering.rebill_machine(session, row, since, books)
        if workspace.machine_id in (None, machine.id):
            _open_volume(session, workspace, machine, now)
            since_when = transitions.entered(session, row.id, last)
            _update_list_row(workspace, row, last, since_when)
            metering.refresh_row(session, workspace, now)
    fleet.bump(session)
    return row


def _is_ahead(last: Transition, row: Machine, machine: FlyMachine) -> bool:
    """Fly's state or config is ahead of its events, or the events were cut off.

    A passing state is not guessed at: its event tells the instant, or it was too short to matter.
    """
    moved = last.state != machine.state and machine.state in LASTING
    return moved or transitions.is_reshaped(last, row)


def _is_older(known: Machine, machine: FlyMachine) -> bool:
    """An answer from before the state we know of; the list may lead by a moment in the same one."""
    return machine.updated_at < known.updated_at and machine.state != known.state


def _has_ended(workspace: Workspace, known: Machine) -> bool:
    """An answer that was on its way while we learnt better must not bring the dead to life.

    One that the list calls destroyed and that is still marked has its end to be read.
    """
    ended = known.state == MachineState.DESTROYED and not known.unread
    return workspace.destroyed_at is not None or ended


def _machine_row(
    session: Session, workspace: Workspace, machine: FlyMachine, rootfs_mb: int, now: datetime
) -> Machine:
    row = session.get(Machine, machine.id)
    if row is None:
        row = Machine(
            id=machine.id,
            workspace_id=workspace.id,
            name=machine.name,
            size=workspace.size,
            image=workspace.image,
            created_at=machine.created_at,
            rootfs_mb=rootfs_mb,
        )
        session.add(row)
    if machine.config is not None:
        row.size = slug_of(machine.config.guest)
        image = machine.config.image[:255]
        if image != row.image:
            row.image, row.rootfs_mb = image, rootfs_mb
    row.state = machine.state[:16]
    row.region = machine.region
    row.instance_id = machine.instance_id
    row.updated_at = max(row.updated_at or machine.updated_at, machine.updated_at)
    row.seen_at = now
    session.flush()
    return row


def slug_of(guest: Guest) -> str:
    return Size(guest.cpu_kind, guest.cpus, guest.memory_mb).slug


def _open_volume(
    session: Session, workspace: Workspace, machine: FlyMachine, now: datetime
) -> None:
    volume_id = machine.config.volume if machine.config else None
    volume = session.get(Volume, volume_id) if volume_id else None
    if volume_id is None or (volume is not None and workspace.volume_id == volume_id):
        return
    books = prices.load(session)
    replaced = _park_others(session, workspace, volume_id, now, books)
    if volume is not None:
        volume.deleted_at = None  # it is back
    else:
        volume = Volume(
            id=volume_id,
            workspace_id=workspace.id,
            region=machine.region,
            size_gb=workspace.volume_gb,
            state="created",
            created_at=now if replaced else min(machine.created_at, now),
        )
        session.add(volume)
    workspace.volume_id = volume_id
    session.flush()
    keeping.keep_volume(session, volume, now, books)


def _park_others(
    session: Session,
    workspace: Workspace,
    but: str,
    now: datetime,
    books: Sequence[PriceBook],
) -> int:
    """The volume that was its own until now is kept by nobody's machine, or gone.

    A restore keeps it for the way back; a migration at Fly takes it away without a word, and the
    next sweep ends it here, too.
    """
    old = session.scalars(
        select(Volume).where(
            Volume.workspace_id == workspace.id, Volume.deleted_at.is_(None), Volume.id != but
        )
    ).all()
    for volume in old:
        keeping.keep_volume(session, volume, now, books, parked=True)
    return len(old)


def _update_list_row(
    workspace: Workspace, row: Machine, last: Transition, entered: datetime
) -> None:
    if workspace.state != row.state:
        workspace.problem = ""
    workspace.machine_id = row.id
    workspace.state = row.state
    workspace.state_since = entered
    workspace.region = row.region
    workspace.size = row.size
    workspace.image = row.image
    if last.source in _BY_SOMEBODY or row.state in _AFTER_WORK:
        workspace.last_active_at = max(workspace.last_active_at, entered)
    if row.state == MachineState.DESTROYED:
        workspace.problem = _LOST


def record_gone(session: Session, row: Machine, now: datetime) -> None:
    """Fly does not know the machine any more; the instant is only a bound."""
    turn.take(session)
    row.unread = False
    row.state = MachineState.DESTROYED
    since = transitions.ensure_ended(session, row, now)
    if since is None:
        return
    metering.rebill_machine(session, row, since, prices.load(session))
    workspace = session.get_one(Workspace, row.workspace_id)
    if workspace.machine_id == row.id and workspace.destroyed_at is None:
        workspace.state = MachineState.DESTROYED
        workspace.state_since = now
        workspace.problem = _LOST
        metering.refresh_row(session, workspace, now)
    fleet.bump(session)
