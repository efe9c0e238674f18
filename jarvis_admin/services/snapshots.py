"""Snapshots at Fly, mirrored into our rows and billed by their stored size.

Fly stores the first ten gigabytes of an organisation for nothing. They belong to nobody: each
day's allowance is shared out in proportion to what each workspace's snapshots cost that day.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.pricing import Component, PriceBook, price_at
from jarvis_admin.fly.types import Snapshot as FlySnapshot
from jarvis_admin.models import Interval, LedgerEntry, Snapshot, Volume, Workspace
from jarvis_admin.services import billing, fleet, keeping, ledger, metering, prices

_DAY = timedelta(days=1)


def store(
    session: Session,
    workspace_id: int,
    volume_id: str,
    seen: Iterable[FlySnapshot],
    now: datetime,
    *,
    all_of_them: bool = False,
) -> None:
    """Insert or update; a snapshot is known by Fly's id.

    With `all_of_them`, one of ours that is not among them is gone.
    """
    books = prices.load(session)
    labels = billing.labels_of(session, [workspace_id])[workspace_id]
    volume = session.get(Volume, volume_id)
    listed = set()
    for one in seen:
        listed.add(one.id)
        row = session.merge(
            Snapshot(
                id=one.id,
                workspace_id=workspace_id,
                volume_id=volume_id,
                status=one.status,
                size_bytes=one.size,
                retention_days=one.retention_days,
                created_at=one.created_at,
                expires_at=one.created_at + timedelta(days=one.retention_days),
                ended_at=None,
            )
        )
        if one.size:
            kept = keeping.of_snapshot(row, volume.region if volume else "")
            keeping.keep(session, kept, labels, now, books)
    if all_of_them:
        for row in _held(session, volume_id):
            if row.id not in listed:
                end(session, row, min(now, row.expires_at), books)
    metering.refresh_row(session, session.get_one(Workspace, workspace_id), now)
    fleet.bump(session)


def end(session: Session, row: Snapshot, at: datetime, books: Sequence[PriceBook]) -> None:
    row.ended_at, row.status = at, "deleted"
    session.flush()
    keeping.end(session, row.id, at, books)


def end_expired(session: Session, now: datetime, limit: int = 200) -> int:
    """Fly deletes a snapshot when its days are over; call again until there are none."""
    books = prices.load(session)
    rows = session.scalars(
        select(Snapshot).where(Snapshot.ended_at.is_(None), Snapshot.expires_at <= now).limit(limit)
    ).all()
    for row in rows:
        end(session, row, row.expires_at, books)
    return len(rows)


def share_free(session: Session, day: date, now: datetime, books: Sequence[PriceBook]) -> int:
    """Book each workspace's share of the day's free gigabytes; how many entries changed."""
    start = datetime.combine(day, time(), UTC)
    book = price_at(books, start)
    rows = session.execute(
        select(Interval.workspace_id, func.sum(Interval.amount_nano))
        .where(
            Interval.component == Component.SNAPSHOT,
            Interval.started_at >= start,
            Interval.started_at < start + _DAY,
            Interval.ended_at.is_not(None),
        )
        .group_by(Interval.workspace_id)
    ).all()
    costs = {number: int(nano) for number, nano in rows if nano}
    total = sum(costs.values())
    free = min(total, amount_nano(book.snapshot_rate(book.snapshot_free_bytes), _DAY))
    labels = billing.labels_of(session, costs)
    return ledger.book(
        session,
        [
            LedgerEntry(
                workspace_id=number,
                owner=labels[number].owner,
                plan=labels[number].plan,
                user_group=labels[number].user_group,
                day=day,
                kind=Kind.FREE_SNAPSHOTS,
                component=Component.SNAPSHOT,
                resource_id=f"free-{number}",
                amount_nano=-(nano * free // total),
                price_version=book.version,
                booked_at=now,
            )
            for number, nano in costs.items()
        ],
    )


def _held(session: Session, volume_id: str) -> Sequence[Snapshot]:
    return session.scalars(
        select(Snapshot).where(Snapshot.volume_id == volume_id, Snapshot.ended_at.is_(None))
    ).all()
