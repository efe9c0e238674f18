"""What is paid for as long as it is kept: volumes, snapshots, archives, addresses, orphans."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component, PriceBook
from jarvis_admin.domain.stretches import Stretch
from jarvis_admin.models import Archive, Interval, Machine, Snapshot, Volume
from jarvis_admin.services import billing, turn
from jarvis_admin.services.billing import Labels


@dataclass(frozen=True)
class Kept:
    resource_id: str
    component: Component
    size: str  # as an interval names it
    region: str
    since: datetime
    state: str = "kept"
    estimated: bool = False


def of_volume(volume: Volume) -> Kept:
    size = f"{volume.size_gb} GB"
    return Kept(volume.id, Component.VOLUME, size, volume.region, volume.created_at)


def of_snapshot(snapshot: Snapshot, region: str) -> Kept:
    """Fly tells the size once it is written; it counts from its creation."""
    size = f"{snapshot.size_bytes} B"
    return Kept(snapshot.id, Component.SNAPSHOT, size, region, snapshot.created_at)


def of_archive(archive: Archive) -> Kept:
    """A store bills what it holds, wherever; it counts from the moment all of it had arrived."""
    assert archive.finished_at is not None
    size = f"{archive.stored_bytes} B"
    return Kept(archive.id, Component.ARCHIVE, size, "", archive.finished_at)


def keep_volume(
    session: Session,
    volume: Volume,
    now: datetime,
    books: Sequence[PriceBook],
    *,
    parked: bool = False,
) -> None:
    """Bill a volume from its creation on, or from `now` on as what it has become."""
    labels = billing.labels_of(session, [volume.workspace_id])[volume.workspace_id]
    if parked:
        labels = replace(labels, owner=Owner.PARKED)
    keep(session, of_volume(volume), labels, now, books)


def keep(
    session: Session, kept: Kept, labels: Labels, now: datetime, books: Sequence[PriceBook]
) -> None:
    """What Fly lists as there; safe to repeat.

    Of another size or owner than before, or there again: billed so from `now` on.
    """
    known = session.scalars(
        select(Interval)
        .where(Interval.resource_id == kept.resource_id)
        .order_by(Interval.started_at.desc())
        .limit(1)
    ).one_or_none()
    if known is None:
        _bill(session, kept, kept.since, labels, books)
    elif known.ended_at is not None:
        _bill(session, kept, max(known.ended_at, now), labels, books)  # it is back
    elif _differs(known, kept, labels):
        end(session, kept.resource_id, now, books)
        _bill(session, kept, now, labels, books)


def opened(session: Session, resource_id: str) -> Interval | None:
    """As it is billed now."""
    return session.scalars(
        select(Interval).where(Interval.resource_id == resource_id, Interval.ended_at.is_(None))
    ).one_or_none()


def open_at_fly(session: Session, workspace_id: int) -> Sequence[str]:
    """Everything a workspace pays Fly for now; its archives are kept elsewhere."""
    return session.scalars(
        select(Interval.resource_id).where(
            Interval.workspace_id == workspace_id,
            Interval.ended_at.is_(None),
            Interval.component != Component.ARCHIVE,
        )
    ).all()


def end(session: Session, resource_id: str, at: datetime, books: Sequence[PriceBook]) -> None:
    """It is gone since `at`; what was billed beyond is taken back. Safe to repeat."""
    held = billing.reopen(session, resource_id, at)
    if held:
        kept = [
            replace(
                billing.stretch_of(row), end=at if row.ended_at is None else min(row.ended_at, at)
            )
            for row in held
            if row.started_at < at
        ]
        labels_at = billing.held_or_now(held, billing.of(held[0]))
        billing.bill(session, resource_id, kept, books, labels_at)


def park_machine(
    session: Session, machine: Machine, now: datetime, books: Sequence[PriceBook]
) -> None:
    """Bill a machine that was replaced, and is kept for the way back, to nobody from `now` on.

    Its workspace has another machine by then: what is billed of this one later is parked, too.
    Safe to repeat.
    """
    turn.take(session)
    _own(session, machine, now, books, parked=True)


def unpark_machine(
    session: Session, machine: Machine, now: datetime, books: Sequence[PriceBook]
) -> None:
    """It is its workspace's own machine again, and billed so from `now` on; safe to repeat."""
    turn.take(session)
    _own(session, machine, now, books, parked=False)


def _own(
    session: Session, machine: Machine, now: datetime, books: Sequence[PriceBook], *, parked: bool
) -> None:
    labels = billing.labels_of(session, [machine.workspace_id])[machine.workspace_id]
    if parked:
        labels = replace(labels, owner=Owner.PARKED)
    billed = opened(session, machine.id)
    if billed is None or billed.owner == labels.owner:
        return
    stretch = replace(billing.stretch_of(billed), start=max(now, billed.started_at))
    end(session, machine.id, stretch.start, books)
    billing.bill(session, machine.id, [stretch], books, lambda _start: labels)


def _bill(
    session: Session, kept: Kept, since: datetime, labels: Labels, books: Sequence[PriceBook]
) -> None:
    stretch = Stretch(
        kept.component, kept.state, kept.size, kept.region, since, None, kept.estimated
    )
    billing.bill(session, kept.resource_id, [stretch], books, lambda _start: labels)


def _differs(known: Interval, kept: Kept, labels: Labels) -> bool:
    return (known.size, known.region, known.state, known.component, known.owner) != (
        kept.size,
        kept.region,
        kept.state,
        kept.component,
        labels.owner,
    )
