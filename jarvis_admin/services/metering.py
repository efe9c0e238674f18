"""Transitions become intervals, intervals become money, in the transaction that records them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.metering import (
    Charge,
    RateOf,
    billed_component,
    charge,
    machine_rate,
    month_start,
)
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.pricing import Component, PriceBook, Size, price_at
from jarvis_admin.models import Interval, Machine, Transition, Volume, Workspace, WorkspaceMonth
from jarvis_admin.services import rollups

_CUT_AT_ONCE = 200


@dataclass(frozen=True)
class Stretch:
    """One state of one resource, half-open; `end` None: still so."""

    state: str
    component: Component
    size: str
    region: str
    start: datetime
    end: datetime | None
    estimated: bool = False


def rebill_machine(
    session: Session, machine: Machine, since: datetime, books: Sequence[PriceBook]
) -> None:
    """Make the machine's intervals from `since` on agree with its transitions.

    Safe to repeat; intervals that ended at or before `since` are not touched.
    """
    held = _reopen(session, machine.id, since)
    start = min([since, *(row.started_at for row in held)])
    stretches = list(_stretches(_transitions_from(session, machine.id, start), start))
    _bill(session, machine.workspace_id, machine.id, stretches, books, machine.rootfs_mb)


def open_volume(session: Session, volume: Volume, books: Sequence[PriceBook]) -> None:
    """Start billing a volume from its creation on; safe to repeat."""
    if session.scalars(select(Interval).where(Interval.resource_id == volume.id)).first() is None:
        _bill(session, volume.workspace_id, volume.id, [_volume_stretch(volume)], books, 0)


def close_volume(session: Session, volume: Volume, books: Sequence[PriceBook]) -> None:
    """Bill a deleted volume up to its `deleted_at`."""
    held = _reopen(session, volume.id, volume.created_at)
    if held:
        _bill(session, volume.workspace_id, volume.id, [_volume_stretch(volume)], books, 0)


def refresh_row(session: Session, workspace: Workspace, now: datetime) -> None:
    """Bring the list row's month-to-date figures up to `now`."""
    opened = session.execute(
        select(Interval.rate_pico, Interval.started_at).where(
            Interval.workspace_id == workspace.id, Interval.ended_at.is_(None)
        )
    ).all()
    first = month_start(now)
    closed = session.get(WorkspaceMonth, (first.date(), workspace.id))
    workspace.month_nano = (closed.amount_nano if closed else 0) + sum(
        amount_nano(rate, now - max(started, first)) for rate, started in opened if started < now
    )
    workspace.rate_pico = sum(rate for rate, _ in opened)
    workspace.metered_at = now


def cut_at_midnight(session: Session, midnight: datetime, books: Sequence[PriceBook]) -> set[int]:
    """Close and reopen every interval that was open over `midnight`, up to 200 a call.

    The ids of the workspaces whose intervals were cut; call again until there are none.
    """
    late = session.scalars(
        select(Interval)
        .where(Interval.ended_at.is_(None), Interval.started_at < midnight)
        .order_by(Interval.id)
        .limit(_CUT_AT_ONCE)
        .with_for_update(skip_locked=True)  # one that ends at this moment is cut by its end
    ).all()
    rootfs = _rootfs_of(session, [row.resource_id for row in late])
    for row in late:
        stretch = Stretch(
            row.state,
            Component(row.component),
            row.size,
            row.region,
            row.started_at,
            None,
            row.estimated,
        )
        session.delete(row)
        session.flush()
        cut = [replace(stretch, end=midnight), replace(stretch, start=midnight)]
        megabytes = rootfs.get(row.resource_id, 0)
        _bill(session, row.workspace_id, row.resource_id, cut, books, megabytes)
    return {row.workspace_id for row in late}


def _rootfs_of(session: Session, machine_ids: Sequence[str]) -> dict[str, int]:
    rows = session.execute(select(Machine.id, Machine.rootfs_mb).where(Machine.id.in_(machine_ids)))
    return {row.id: row.rootfs_mb for row in rows}


def _reopen(session: Session, resource_id: str, since: datetime) -> list[Interval]:
    touched = or_(Interval.ended_at.is_(None), Interval.ended_at > since)
    rows = list(
        session.scalars(
            select(Interval).where(Interval.resource_id == resource_id, touched).with_for_update()
        )
    )
    rollups.add(session, [row for row in rows if row.amount_nano is not None], sign=-1)
    if rows:
        session.execute(delete(Interval).where(Interval.id.in_([row.id for row in rows])))
    return rows


def _transitions_from(session: Session, machine_id: str, start: datetime) -> Sequence[Transition]:
    """Those at or after `start`, and the one that was in force at it."""
    before = (
        select(func.max(Transition.at))
        .where(Transition.machine_id == machine_id, Transition.at <= start)
        .scalar_subquery()
    )
    return session.scalars(
        select(Transition)
        .where(
            Transition.machine_id == machine_id,
            or_(Transition.at >= start, Transition.at == before),
        )
        .order_by(Transition.at, Transition.id)
    ).all()


def _stretches(transitions: Sequence[Transition], start: datetime) -> Iterable[Stretch]:
    following = [*transitions[1:], None]
    for now, then in zip(transitions, following, strict=True):
        component = billed_component(now.state)
        begins, ends = max(now.at, start), then.at if then else None
        if component is None or (ends is not None and ends <= begins):
            continue
        uncertain = now.estimated or (then is not None and then.estimated)
        yield Stretch(now.state, component, now.size, now.region, begins, ends, uncertain)


def _volume_stretch(volume: Volume) -> Stretch:
    size = f"{volume.size_gb} GB"
    start, end = volume.created_at, volume.deleted_at
    return Stretch("kept", Component.VOLUME, size, volume.region, start, end)


def _bill(
    session: Session,
    workspace_id: int,
    resource_id: str,
    stretches: Iterable[Stretch],
    books: Sequence[PriceBook],
    rootfs_mb: int,
) -> None:
    rows: list[Interval] = []
    for stretch in stretches:
        rate_of = _rate_of(stretch, rootfs_mb)
        if stretch.end is None:
            book = price_at(books, stretch.start)
            piece = Charge(
                stretch.start.date(), stretch.start, stretch.start, rate_of(book), book.version
            )
            rows.append(_row(workspace_id, resource_id, stretch, piece, closed=False))
            continue
        rows.extend(
            _row(workspace_id, resource_id, stretch, piece, closed=True)
            for piece in charge(stretch.start, stretch.end, books, rate_of)
        )
    session.add_all(rows)
    session.flush()
    rollups.add(session, [row for row in rows if row.amount_nano is not None], sign=1)


def _rate_of(stretch: Stretch, rootfs_mb: int) -> RateOf:
    if stretch.component is Component.VOLUME:
        gigabytes = int(stretch.size.removesuffix(" GB"))
        return lambda book: book.volume_rate(gigabytes)
    return machine_rate(stretch.component, Size.parse(stretch.size), stretch.region, rootfs_mb)


def _row(
    workspace_id: int, resource_id: str, stretch: Stretch, piece: Charge, *, closed: bool
) -> Interval:
    return Interval(
        workspace_id=workspace_id,
        resource_id=resource_id,
        component=stretch.component,
        state=stretch.state,
        size=stretch.size,
        region=stretch.region,
        started_at=piece.start,
        ended_at=piece.end if closed else None,
        rate_pico=piece.rate_pico,
        price_version=piece.price_version,
        amount_nano=piece.amount_nano if closed else None,
        estimated=stretch.estimated,
    )
