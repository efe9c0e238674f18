"""What happened to machines becomes money, in the transaction that records it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.metering import month_start
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.domain.stretches import Change, Stretch, stretches_of
from jarvis_admin.models import Interval, Machine, Transition, Workspace, WorkspaceMonth
from jarvis_admin.services import billing, turn
from jarvis_admin.services.billing import Labels

_CUT_AT_ONCE = 200


def rebill_machine(
    session: Session, machine: Machine, since: datetime, books: Sequence[PriceBook]
) -> None:
    """Make the machine's intervals from `since` on agree with its transitions.

    Safe to repeat; intervals that ended at or before `since` are not touched.
    """
    held = billing.reopen(session, machine.id, since)
    start = min([since, *(row.started_at for row in held)])
    changes = map(_change, _transitions_from(session, machine.id, start))
    now = _labels(session, machine)
    stretches = _cut(_after(stretches_of(changes), start), _changes_of_owner(held))
    billing.bill(session, machine.id, stretches, books, billing.held_or_now(held, now))


def _labels(session: Session, machine: Machine) -> Labels:
    """One that was replaced is kept for the way back: nobody uses it."""
    found = billing.labels_of(session, [machine.workspace_id])[machine.workspace_id]
    own = session.get_one(Workspace, machine.workspace_id).machine_id
    return found if own in (None, machine.id) else replace(found, owner=Owner.PARKED)


def _changes_of_owner(held: Iterable[Interval]) -> list[datetime]:
    """When it was parked or taken back, which no event tells."""
    rows = sorted(held, key=lambda row: row.started_at)
    return [row.started_at for before, row in pairwise(rows) if before.owner != row.owner]


def _cut(stretches: Iterable[Stretch], instants: Sequence[datetime]) -> Iterator[Stretch]:
    for stretch in stretches:
        for instant in instants:
            if stretch.start < instant and (stretch.end is None or instant < stretch.end):
                yield replace(stretch, end=instant)
                stretch = replace(stretch, start=instant)
        yield stretch


def refresh_row(session: Session, workspace: Workspace, now: datetime) -> None:
    """Bring the list row's month-to-date figures up to `now`."""
    opened = session.execute(
        select(Interval.rate_pico, Interval.started_at).where(
            Interval.workspace_id == workspace.id, Interval.ended_at.is_(None)
        )
    ).all()
    first = month_start(now)
    closed = session.get(WorkspaceMonth, (first.date(), workspace.id), populate_existing=True)
    workspace.month_nano = (closed.amount_nano if closed else 0) + sum(
        amount_nano(rate, now - max(started, first)) for rate, started in opened if started < now
    )
    workspace.rate_pico = sum(rate for rate, _ in opened)
    workspace.metered_at = now


def cut_open(session: Session, instant: datetime, books: Sequence[PriceBook]) -> set[int]:
    """Close and reopen every interval that was open over `instant`, up to 200 a call.

    At midnight, so that each belongs to one day, and when a price book comes into force. The ids
    of the workspaces whose intervals were cut; call again until none was.
    """
    turn.take(session)
    late = session.scalars(
        select(Interval)
        .where(Interval.ended_at.is_(None), Interval.started_at < instant)
        .order_by(Interval.started_at)
        .limit(_CUT_AT_ONCE)
    ).all()
    labels = billing.labels_of(session, [row.workspace_id for row in late])
    pieces: list[Interval] = []
    for row in late:
        stretch, after = billing.stretch_of(row), labels[row.workspace_id]
        if row.owner == Owner.PARKED:
            after = replace(after, owner=row.owner)
        for part, whose in (
            (replace(stretch, end=instant), billing.of(row)),
            (replace(stretch, start=instant), after),
        ):
            pieces += billing.intervals(row.resource_id, part, books, whose)
    if late:
        session.execute(delete(Interval).where(Interval.id.in_([row.id for row in late])))
    billing.store(session, pieces)
    return {row.workspace_id or 0 for row in late}


def _after(stretches: Iterable[Stretch], start: datetime) -> Iterable[Stretch]:
    """As far as they lie at or after `start`."""
    for stretch in stretches:
        if stretch.end is None or stretch.end > start:
            yield replace(stretch, start=max(stretch.start, start))


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


def _change(row: Transition) -> Change:
    return Change(
        row.event_id, row.at, row.state, row.size, row.region, row.rootfs_mb, row.estimated
    )
