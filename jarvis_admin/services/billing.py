"""Stretches become intervals with their price, and go into the sums."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.metering import Charge, charge, rate_of
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component, PriceBook, price_at
from jarvis_admin.domain.stretches import Stretch
from jarvis_admin.models import Interval, Plan, User, Workspace
from jarvis_admin.services import rollups


@dataclass(frozen=True)
class Labels:
    """Whose a cost is, and what reports group it by."""

    workspace_id: int | None
    owner: str
    plan: str = ""
    user_group: str = ""


LabelsAt = Callable[[datetime], Labels]


def labels_of(session: Session, workspace_ids: Iterable[int | None]) -> dict[int | None, Labels]:
    """As they are now; what no workspace owns is an orphan. One statement."""
    rows = session.execute(
        select(Workspace.id, Workspace.user_id, Plan.key, User.user_group)
        .join(Plan, Plan.id == Workspace.plan_id)
        .outerjoin(User, User.id == Workspace.user_id)
        .where(Workspace.id.in_({number for number in workspace_ids if number is not None}))
    )
    found: dict[int | None, Labels] = {None: Labels(None, Owner.ORPHAN)}
    for number, user_id, plan, user_group in rows:
        owner = Owner.POOL if user_id is None else Owner.USER
        found[number] = Labels(number, owner, plan, user_group or "")
    return found


def held_or_now(held: Sequence[Interval], now: Labels) -> LabelsAt:
    """A stretch that was billed already keeps its labels; a new one gets those of now."""

    def at(start: datetime) -> Labels:
        for row in held:
            until = row.ended_at or row.started_at
            if row.started_at <= start and (start < until or start == row.started_at):
                return of(row)
        return now

    return at


def of(row: Interval) -> Labels:
    return Labels(row.workspace_id, row.owner, row.plan, row.user_group)


def reopen(session: Session, resource_id: str, since: datetime) -> list[Interval]:
    """Take back what was billed of a resource after `since`, to be billed anew."""
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


def bill(
    session: Session,
    resource_id: str,
    stretches: Iterable[Stretch],
    books: Sequence[PriceBook],
    labels_at: LabelsAt,
) -> None:
    store(
        session,
        [
            _row(resource_id, stretch, piece, labels_at(piece.start))
            for stretch in stretches
            for piece in _pieces(stretch, books)
        ],
    )


def intervals(
    resource_id: str, stretch: Stretch, books: Sequence[PriceBook], labels: Labels
) -> list[Interval]:
    """A stretch as rows that are not stored yet."""
    return [_row(resource_id, stretch, piece, labels) for piece in _pieces(stretch, books)]


def store(session: Session, rows: Sequence[Interval]) -> None:
    session.add_all(rows)
    session.flush()
    rollups.add(session, [row for row in rows if row.amount_nano is not None], sign=1)


def stretch_of(row: Interval) -> Stretch:
    return Stretch(
        Component(row.component),
        row.state,
        row.size,
        row.region,
        row.started_at,
        row.ended_at,
        row.estimated,
    )


def _pieces(stretch: Stretch, books: Sequence[PriceBook]) -> Iterable[Charge]:
    rate = rate_of(stretch.component, stretch.size, stretch.region)
    if stretch.end is not None:
        return charge(stretch.start, stretch.end, books, rate)
    book = price_at(books, stretch.start)
    start = stretch.start
    return [Charge(start.date(), start, start, rate(book), book.version)]


def _row(resource_id: str, stretch: Stretch, piece: Charge, labels: Labels) -> Interval:
    closed = stretch.end is not None
    return Interval(
        workspace_id=labels.workspace_id,
        owner=labels.owner,
        plan=labels.plan,
        user_group=labels.user_group,
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
