"""The moment a workspace changes over to another machine and volume, and back."""

from datetime import datetime

from sqlalchemy.orm import Session

from jarvis_admin.models import Machine, Restore, Volume, Workspace
from jarvis_admin.services import (
    fleet,
    keeping,
    metering,
    parking,
    prices,
    search,
    transitions,
    turn,
)


def rested(session: Session, restore_id: str, now: datetime) -> None:
    """From here on the user cannot work; safe to repeat."""
    restore = session.get_one(Restore, restore_id)
    restore.away_since = restore.away_since or now
    fleet.bump(session)


def switched(
    session: Session,
    restore_id: str,
    machine_id: str,
    volume_id: str,
    now: datetime,
) -> None:
    """The workspace is the new ones from now on; the old ones are parked. Safe to repeat."""
    turn.take(session)
    restore = session.get_one(Restore, restore_id)
    workspace = session.get_one(Workspace, restore.workspace_id, with_for_update=True)
    if workspace.machine_id == machine_id:
        return
    restore.parked_machine_id, restore.parked_volume_id = workspace.machine_id, workspace.volume_id
    restore.parked_region = workspace.region
    restore.parked_at, restore.parked_until = now, parking.parked_until(session, workspace, now)
    restore.away_until = now
    restore.state, restore.finished_at = "done", now
    if restore.undoes_id is not None:
        end_parking(session, restore.undoes_id, "returned", restore.away_since or now)
    workspace.machine_id, workspace.volume_id = machine_id, volume_id
    workspace.problem = ""
    _bill(session, workspace, restore, now)
    search.index(session, workspace, workspace.user)
    fleet.bump(session)


def end_parking(session: Session, restore_id: str, how: str, now: datetime) -> None:
    """`how`: returned to, ended by somebody, or expired. Safe to repeat."""
    restore = session.get_one(Restore, restore_id)
    if restore.parking_ended_at is None:
        restore.parking_ended_at, restore.parking_end = now, how
    fleet.bump(session)


def _bill(session: Session, workspace: Workspace, restore: Restore, now: datetime) -> None:
    """What is parked is nobody's daily use: it stands apart in the costs."""
    books = prices.load(session)
    for volume_id, parked in ((restore.parked_volume_id, True), (workspace.volume_id, False)):
        volume = session.get(Volume, volume_id) if volume_id else None
        if volume is not None and volume.deleted_at is None:
            keeping.keep_volume(session, volume, now, books, parked=parked)
            if not parked:
                workspace.volume_gb, workspace.region = volume.size_gb, volume.region
    old = session.get(Machine, restore.parked_machine_id) if restore.parked_machine_id else None
    if old is not None:
        keeping.park_machine(session, old, now, books)
    machine = session.get(Machine, workspace.machine_id)
    if machine is not None:
        keeping.unpark_machine(session, machine, now, books)
        workspace.state, workspace.state_since = machine.state, now
        workspace.region, workspace.size = machine.region, machine.size
        workspace.image = machine.image
    metering.refresh_row(session, workspace, now)


def keep_volume_row(
    session: Session, workspace_id: int, volume_id: str, region: str, size_gb: int, now: datetime
) -> None:
    """The new volume's row, at the moment Fly gives its id. Safe to repeat."""
    turn.take(session)
    if session.get(Volume, volume_id) is not None:
        return
    volume = Volume(
        id=volume_id,
        workspace_id=workspace_id,
        region=region,
        size_gb=size_gb,
        state="created",
        created_at=now,
    )
    session.add(volume)
    session.flush()
    keeping.keep_volume(session, volume, now, prices.load(session), parked=True)


def drop_volume_row(session: Session, volume_id: str, now: datetime) -> None:
    """What was made for nothing is gone again. Safe to repeat."""
    turn.take(session)
    volume = session.get(Volume, volume_id) if volume_id else None
    if volume is not None and volume.deleted_at is None:
        volume.deleted_at, volume.state = now, "destroyed"
        session.flush()
        keeping.end(session, volume.id, now, prices.load(session))


def machine_gone(session: Session, machine_id: str, now: datetime) -> None:
    """Its bill ends, and the workspace's own state is not touched. Safe to repeat."""
    turn.take(session)
    machine = session.get(Machine, machine_id)
    if machine is not None:
        since = transitions.ensure_ended(session, machine, now, by_us=True)
        machine.unread = False
        metering.rebill_machine(session, machine, since or now, prices.load(session))
