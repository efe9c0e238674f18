"""Readings of Fly's counters become traffic that is billed, and signs of life.

Counters belong to a boot: one that is lower than last time began again at 0. What a machine sent
between its last sample (every 15 s at Fly) and its end is in no sample and cannot be billed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.life import shows_life
from jarvis_admin.domain.pricing import Component, PriceBook, price_at
from jarvis_admin.models import Activity, CounterReading, LedgerEntry, Machine, Transition
from jarvis_admin.services import billing, ledger, turn

_SENT, _BUSY = "sent", "busy"
_CENTI = 100
# Two readings further apart than this do not say when in between the machine was busy.
_CONNECTED = timedelta(minutes=5)
# Kinds of events after which a machine counts from 0 again, and how far clocks may be apart.
_BOOTS = ("launch", "start", "restart", "update", "seen")
_SKEW = timedelta(minutes=2)


@dataclass(frozen=True)
class Step:
    """What a machine did since the last reading."""

    machine_id: str
    workspace_id: int
    region: str
    since: datetime | None  # None: read for the first time
    sent: int
    busy_centi: int


def record(
    session: Session,
    sent: Mapping[str, float],
    busy: Mapping[str, float],
    now: datetime,
    books: Sequence[PriceBook],
) -> int:
    """Bytes and busy seconds by machine id, as counted since each boot; how many were ours.

    `now` is when they were asked for: what was read later already is no news.
    """
    turn.take(session)
    steps = _steps(session, sent, busy, now)
    _bill(session, [step for step in steps if step.sent], now, books)
    _note_life(session, steps, now)
    return len(steps)


def _steps(
    session: Session, sent: Mapping[str, float], busy: Mapping[str, float], now: datetime
) -> list[Step]:
    ours = session.execute(
        select(Machine.id, Machine.workspace_id, Machine.region).where(Machine.id.in_(sent))
    ).all()
    known = {
        (row.machine_id, row.counter): row
        for row in session.scalars(
            select(CounterReading).where(CounterReading.machine_id.in_([row.id for row in ours]))
        )
    }
    lower = [
        number
        for number, counter in known
        if counter == _SENT and sent[number] < known[number, counter].value
    ]
    booted = _booted(session, lower, known)
    steps = []
    for machine_id, workspace_id, region in ours:
        before = known.get((machine_id, _SENT))
        if before and (before.at >= now or (machine_id in lower and machine_id not in booted)):
            continue
        since = before.at if before else None
        values = {_SENT: int(sent[machine_id]), _BUSY: int(busy.get(machine_id, 0) * _CENTI)}
        grown = {
            name: _read(session, known, machine_id, name, value, now)
            for name, value in values.items()
        }
        steps.append(Step(machine_id, workspace_id, region, since, grown[_SENT], grown[_BUSY]))
    session.flush()
    return steps


def _booted(
    session: Session, lower: Sequence[str], known: Mapping[tuple[str, str], CounterReading]
) -> set[str]:
    """Those whose lower counter is a new one: the machine was launched since it was read.

    Otherwise the answer is an old one, of another host or from before, and tells nothing.
    """
    rows = session.execute(
        select(Transition.machine_id, func.max(Transition.at))
        .where(Transition.machine_id.in_(lower), Transition.kind.in_(_BOOTS))
        .group_by(Transition.machine_id)
    )
    return {number for number, at in rows if at > known[number, _SENT].at - _SKEW}


def _read(
    session: Session,
    known: Mapping[tuple[str, str], CounterReading],
    machine_id: str,
    counter: str,
    value: int,
    now: datetime,
) -> int:
    """Store where the counter stands; how far it went since it was last read."""
    row = known.get((machine_id, counter))
    if row is None:
        session.add(CounterReading(machine_id=machine_id, counter=counter, value=value, at=now))
        return value
    grown = value - row.value if value >= row.value else value
    row.value, row.at = value, now
    return grown


def _bill(
    session: Session, steps: Sequence[Step], now: datetime, books: Sequence[PriceBook]
) -> None:
    """One entry a day, which grows until midnight or another price; it is rounded once."""
    day, book = now.date(), price_at(books, now)
    labels = billing.labels_of(session, {step.workspace_id for step in steps})
    so_far = ledger.known(session, [(Kind.EGRESS, _resource(step, book), day) for step in steps])
    entries = []
    for step in steps:
        before = so_far.get((Kind.EGRESS, _resource(step, book), day))
        quantity = step.sent + (before.quantity if before else 0)
        whose = labels[step.workspace_id]
        entries.append(
            LedgerEntry(
                workspace_id=step.workspace_id,
                owner=whose.owner,
                plan=whose.plan,
                user_group=whose.user_group,
                day=day,
                kind=Kind.EGRESS,
                component=Component.EGRESS,
                resource_id=_resource(step, book),
                region=step.region,
                quantity=quantity,
                unit="B",
                amount_nano=book.egress_nano(quantity, step.region),
                price_version=book.version,
                booked_at=now,
            )
        )
    ledger.book(session, entries)


def _resource(step: Step, book: PriceBook) -> str:
    return f"{step.machine_id} {step.region} {book.version}"[:64]


def _note_life(session: Session, steps: Sequence[Step], now: datetime) -> None:
    lively = {
        step.machine_id: step
        for step in steps
        if step.since is not None
        and now - step.since <= _CONNECTED
        and shows_life(step.busy_centi / _CENTI, step.sent, now - step.since)
    }
    recent = session.scalars(
        select(Activity).where(
            Activity.machine_id.in_(lively), Activity.ended_at >= now - _CONNECTED
        )
    )
    running = {(row.machine_id, row.ended_at): row for row in recent}
    for step in lively.values():
        assert step.since is not None
        row = running.get((step.machine_id, step.since))
        if row is not None:
            row.ended_at = now
        else:
            session.add(
                Activity(
                    workspace_id=step.workspace_id,
                    machine_id=step.machine_id,
                    started_at=step.since,
                    ended_at=now,
                )
            )
    session.flush()
