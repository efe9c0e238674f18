"""What a reservation would book for days that are over, and taking back one made by mistake."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain import reservations as domain
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.reservations import Terms
from jarvis_admin.errors import Conflict
from jarvis_admin.models import LedgerEntry, Reservation
from jarvis_admin.services import audit, ledger, reservation_days, reservations, turn
from jarvis_admin.services.reservations import Wanted

_DRAFT = 2**31  # after every row: what is reserved already takes its credit first


@dataclass(frozen=True)
class PlanMonth:
    """The days of a month that are over; both amounts are zero or more."""

    month: Month
    days: int
    fee_nano: int
    credit_nano: int


def plan(session: Session, wanted: Wanted, now: datetime) -> list[PlanMonth]:
    """Writes nothing; empty when no reserved day is over. Invalid says what is wrong with it."""
    reservations.check(wanted, now)
    draft = Terms(
        _DRAFT,
        wanted.region,
        wanted.block.cpu_class,
        wanted.block.yearly_nano * wanted.blocks,
        wanted.block.credit_nano * wanted.blocks,
        wanted.first_day,
        wanted.end_day,
    )
    every = [*map(reservation_days.terms, reservations.every(session)), draft]
    month, found = Month.of(wanted.first_day), []
    while month <= Month.of(now):
        found.append(_month(session, every, month, now))
        month = month.following
    return [one for one in found if one.days]


def remove(
    session: Session, number: int, *, by: str, reason: str, now: datetime
) -> tuple[Reservation, int]:
    """As if it had never been: its entries become 0; how many did. The row stays, for the trail.

    Conflict for one that reaches back beyond last month, whose ledger is closed.
    """
    reservations.refuse_unless_reason(reason)
    turn.take(session)
    row = reservations.locked(session, number)
    if row.is_removed:
        raise Conflict(f"Reservation {number} is removed already.")
    if row.first_day < Month.of(now).previous.first:
        raise Conflict(
            f"Reservation {number} began on {row.first_day}, in a month that is closed: "
            "end it, and book a correction."
        )
    booked = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.kind.in_(reservation_days.KINDS), LedgerEntry.amount_nano != 0)
        .where(LedgerEntry.resource_id == reservation_days.resource(number))
    ).all()
    taken_back = -sum(entry.amount_nano for entry in booked)
    ledger.book(session, [_nothing(entry, reason, by, now) for entry in booked])
    before, row.end_day = row.end_day, row.first_day
    audit.record(
        session,
        at=now,
        actor=by,
        action="remove_reservation",
        subject=f"reservation {number}",
        reason=reason,
        details={
            "first_day": row.first_day.isoformat(),
            "end_day": before.isoformat() if before else None,
            "entries": len(booked),
            "amount_nano": taken_back,
        },
    )
    return row, len(booked)


def _month(session: Session, every: list[Terms], month: Month, now: datetime) -> PlanMonth:
    days = [day for day in month.days(now) if day < now.date()]
    compute = reservation_days.compute(session, month)
    shares = [one for one in domain.shares(every, month, days, compute) if one.id == _DRAFT]
    return PlanMonth(
        month,
        len(shares),
        sum(one.fee_nano for one in shares),
        sum(one.credit_nano for one in shares),
    )


def _nothing(entry: LedgerEntry, reason: str, by: str, now: datetime) -> LedgerEntry:
    return LedgerEntry(
        owner=entry.owner,
        day=entry.day,
        kind=entry.kind,
        component=entry.component,
        resource_id=entry.resource_id,
        region=entry.region,
        unit=entry.unit,
        workspace_id=None,
        amount_nano=0,
        reason=reason,
        booked_by=by,
        booked_at=now,
    )
