"""Reservations: compute paid for a year ahead; made and ended."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.months import Month
from jarvis_admin.domain.price_list import Block
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import Reservation
from jarvis_admin.services import audit

_MOST_BLOCKS = 1000
_LARGEST = 2**31 - 1
_REASON = range(3, 501)  # letters


@dataclass(frozen=True)
class Wanted:
    region: str
    block: Block
    blocks: int
    first_day: date
    end_day: date | None  # the first that is not reserved
    note: str
    reason: str


def every(session: Session) -> list[Reservation]:
    """The newest first."""
    order = Reservation.first_day.desc(), Reservation.id.desc()
    return list(session.scalars(select(Reservation).order_by(*order)))


def check(wanted: Wanted, now: datetime) -> None:
    """Invalid says why it cannot be added; a month that is over does not move any more."""
    if not 1 <= wanted.blocks <= _MOST_BLOCKS:
        raise Invalid(f"Reserve between 1 and {_MOST_BLOCKS} blocks.")
    earliest = Month.of(now).first
    if wanted.first_day < earliest:
        raise Invalid(f"The first day may be {earliest} or later: older months are closed.")
    if wanted.end_day is not None and wanted.end_day <= wanted.first_day:
        raise Invalid("The reservation ends before its first day is over.")
    refuse_unless_reason(wanted.reason)


def refuse_unless_reason(reason: str) -> None:
    if len(reason) not in _REASON:
        raise Invalid("Give a reason of 3 to 500 characters; it stands in the audit trail.")


def add(session: Session, wanted: Wanted, *, by: str, now: datetime) -> Reservation:
    check(wanted, now)
    row = Reservation(
        region=wanted.region,
        cpu_class=wanted.block.cpu_class,
        blocks=wanted.blocks,
        yearly_nano=wanted.block.yearly_nano * wanted.blocks,
        credit_nano=wanted.block.credit_nano * wanted.blocks,
        first_day=wanted.first_day,
        end_day=wanted.end_day,
        note=wanted.note,
        made_by=by,
        made_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=by,
        action="add_reservation",
        subject=f"reservation {row.id}",
        reason=wanted.reason,
        details={
            "region": row.region,
            "class": row.cpu_class,
            "blocks": row.blocks,
            "yearly_nano": row.yearly_nano,
            "first_day": row.first_day.isoformat(),
        },
    )
    return row


def end(
    session: Session, number: int, *, end_day: date, by: str, reason: str, now: datetime
) -> Reservation:
    """`end_day` is the first day that is not reserved; days that are booked stay booked."""
    refuse_unless_reason(reason)
    row = locked(session, number)
    if row.is_removed:
        raise Conflict(f"Reservation {number} was removed.")
    if row.end_day is not None and row.end_day <= now.date():
        raise Conflict(f"Reservation {number} ended on {row.end_day}.")
    if end_day < now.date():
        raise Invalid("A reservation ends today or later: days that are over are booked.")
    row.end_day = end_day
    audit.record(
        session,
        at=now,
        actor=by,
        action="end_reservation",
        subject=f"reservation {number}",
        reason=reason,
        details={"end_day": end_day.isoformat()},
    )
    return row


def locked(session: Session, number: int) -> Reservation:
    row = session.get(Reservation, number, with_for_update=True) if number <= _LARGEST else None
    if row is None:
        raise NotFound(f"There is no reservation {number}.")
    return row
