"""Snapshots at Fly, mirrored into our rows and billed by their stored size.

Fly stores the first ten gigabytes of an organisation for nothing. They belong to nobody: each
day's allowance is shared out in proportion to what each workspace's snapshots cost that day.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.pricing import Component, PriceBook, price_at
from jarvis_admin.fly.types import Snapshot as FlySnapshot
from jarvis_admin.models import Interval, LedgerEntry, Snapshot, Volume, Workspace
from jarvis_admin.services import billing, fleet, keeping, ledger, metering, prices, turn
from jarvis_admin.services.billing import Labels

_DAY = timedelta(days=1)
_i, _e = Interval.__table__.c, LedgerEntry.__table__.c


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
    turn.take(session)
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
        if one.size and now < row.expires_at:
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
    turn.take(session)
    books = prices.load(session)
    rows = session.scalars(
        select(Snapshot).where(Snapshot.ended_at.is_(None), Snapshot.expires_at <= now).limit(limit)
    ).all()
    for row in rows:
        end(session, row, row.expires_at, books)
    return len(rows)


def share_free(session: Session, day: date, now: datetime, books: Sequence[PriceBook]) -> int:
    """Book each workspace's share of the day's free gigabytes; how many entries changed.

    Whose snapshots turn out to have cost nothing on that day gets back an entry of nothing.
    """
    turn.take(session)
    start = datetime.combine(day, time(), UTC)
    book = price_at(books, start)
    costs = _costs(session, start)
    total = sum(costs.values())
    free = min(total, amount_nano(book.snapshot_rate(book.snapshot_free_bytes), _DAY))
    shares = {whose: -(nano * free // total) for whose, nano in costs.items()}
    shared = {whose.workspace_id for whose in shares}
    stale = [whose for whose in _credited(session, day) if whose.workspace_id not in shared]
    shares.update(dict.fromkeys(stale, 0))
    return ledger.book(
        session,
        [
            LedgerEntry(
                workspace_id=whose.workspace_id,
                owner=whose.owner,
                plan=whose.plan,
                user_group=whose.user_group,
                day=day,
                kind=Kind.FREE_SNAPSHOTS,
                component=Component.SNAPSHOT,
                resource_id=f"free-{whose.workspace_id}",
                amount_nano=nano,
                price_version=book.version,
                booked_at=now,
            )
            for whose, nano in shares.items()
        ],
    )


def _costs(session: Session, start: datetime) -> dict[Labels, int]:
    """What each workspace's snapshots cost on the day, with the labels they were billed with."""
    rows = session.execute(
        select(
            _i.workspace_id,
            func.max(_i.owner),
            func.max(_i.plan),
            func.max(_i.user_group),
            func.sum(_i.amount_nano),
        )
        .where(
            # Spelled like the partial index, so that it is found.
            text("intervals.component = 'snapshot'"),
            _i.started_at >= start,
            _i.started_at < start + _DAY,
            _i.ended_at.is_not(None),
        )
        .group_by(_i.workspace_id)
    )
    return {Labels(*row[:4]): int(row[4]) for row in rows if row[4]}


def _credited(session: Session, day: date) -> list[Labels]:
    rows = session.execute(
        select(_e.workspace_id, _e.owner, _e.plan, _e.user_group).where(
            _e.day == day, _e.kind == Kind.FREE_SNAPSHOTS, _e.amount_nano != 0
        )
    )
    return [Labels(*row) for row in rows]


def _held(session: Session, volume_id: str) -> Sequence[Snapshot]:
    return session.scalars(
        select(Snapshot).where(Snapshot.volume_id == volume_id, Snapshot.ended_at.is_(None))
    ).all()
