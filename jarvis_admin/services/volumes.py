"""Volumes as Fly lists them: new sizes, deletions, and ones we did not know of."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.archiver import is_archive_volume
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.fly.types import Volume as FlyVolume
from jarvis_admin.models import Fleet, Volume, Workspace
from jarvis_admin.services import keeping, metering, prices, turn
from jarvis_admin.services.fleet import FLEET_ID


def apply_page(session: Session, seen: Sequence[FlyVolume], now: datetime) -> int:
    """Write and bill what differs; of how many workspaces.

    Fly does not tell when a size changed: it counts from `now`, which is late by no more than
    the time between two sweeps.
    """
    turn.take(session)
    books = prices.load(session)
    known = {
        row.id: row
        for row in session.scalars(select(Volume).where(Volume.id.in_([one.id for one in seen])))
    }
    owners = _owners(session, {one.app_name for one in seen})
    changed: set[int] = set()
    for one in seen:
        row = known.get(one.id)
        if row is not None and _update(session, row, one, now, books):
            changed.add(row.workspace_id)
        elif row is None and one.app_name in owners and not one.gone and not _of_helper(one):
            _add(session, owners[one.app_name], one, now, books)
            changed.add(owners[one.app_name])
    for workspace_id in sorted(changed):
        metering.refresh_row(session, session.get_one(Workspace, workspace_id), now)
    return len(changed)


def end_gone(session: Session, volume_id: str, now: datetime) -> None:
    """Fly does not know it any more."""
    turn.take(session)
    row = session.get_one(Volume, volume_id)
    _end(session, row, "destroyed", now, prices.load(session))
    metering.refresh_row(session, session.get_one(Workspace, row.workspace_id), now)


def _end(
    session: Session, row: Volume, state: str, now: datetime, books: Sequence[PriceBook]
) -> None:
    """Parked since the last sweep and gone now: it went when it was replaced."""
    swept_at = session.get_one(Fleet, FLEET_ID).swept_at
    open_now = keeping.opened(session, row.id)
    at = now
    if open_now is not None and open_now.owner == Owner.PARKED:
        fresh = swept_at is None or open_now.started_at > swept_at
        at = open_now.started_at if fresh else now
    row.deleted_at, row.state = at, state
    session.flush()
    keeping.end(session, row.id, at, books)


def _update(
    session: Session, row: Volume, seen: FlyVolume, now: datetime, books: Sequence[PriceBook]
) -> bool:
    workspace = session.get_one(Workspace, row.workspace_id)
    if seen.gone or workspace.destroyed_at is not None:
        if row.deleted_at is not None:
            return False
        _end(session, row, seen.state, now, books)
        return True
    if row.size_gb == seen.size_gb and row.deleted_at is None:
        return False
    row.size_gb, row.deleted_at = seen.size_gb, None
    own = workspace.volume_id == row.id
    if own:
        workspace.volume_gb = seen.size_gb
    session.flush()
    keeping.keep_volume(session, row, now, books, parked=not own)
    return True


def _add(
    session: Session,
    workspace_id: int,
    seen: FlyVolume,
    now: datetime,
    books: Sequence[PriceBook],
) -> None:
    """In a user's app but not their volume: kept for somebody's way back, or forgotten."""
    row = Volume(
        id=seen.id,
        workspace_id=workspace_id,
        region=seen.region,
        size_gb=seen.size_gb,
        state=seen.state,
        created_at=seen.created_at,
    )
    session.add(row)
    session.flush()
    keeping.keep_volume(session, row, now, books, parked=True)


def _of_helper(seen: FlyVolume) -> bool:
    """Billed when the archiver is over, and never a volume of the user's."""
    return is_archive_volume(seen.name)


def _owners(session: Session, apps: set[str]) -> dict[str, int]:
    """Settled ones only: while one is being made its volume is about to become its own."""
    rows = session.execute(
        select(Workspace.app_name, Workspace.id).where(
            Workspace.app_name.in_(apps),
            Workspace.destroyed_at.is_(None),
            Workspace.volume_id.is_not(None),
            Workspace.machine_id.is_not(None),
        )
    )
    return {row.app_name: row.id for row in rows}
