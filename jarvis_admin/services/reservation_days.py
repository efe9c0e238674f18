"""Reservations in the ledger: fee and credit of every closed day."""

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain import reservations
from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.reservations import Share, Terms
from jarvis_admin.models import CostCell, LedgerEntry, Reservation
from jarvis_admin.services import ledger, turn
from jarvis_admin.services.reservations import every

KINDS = (Kind.RESERVATION_FEE, Kind.RESERVATION_CREDIT)
_c = CostCell.__table__.c


def book_closed_days(session: Session, now: datetime) -> int:
    """Fee and credit of every closed day, as the ledger of those days now stands; how many
    entries changed. Safe to repeat: a day that was reopened by late events is booked anew.

    Last month is looked at too, and what a worker that was down has missed.
    """
    # First, so that a reservation that somebody removes meanwhile is not booked again.
    turn.take(session)
    rows = every(session)
    if not rows:
        return 0
    month, changed = _first_month(session, rows, now), 0
    while month <= Month.of(now):
        changed += _book_month(session, rows, month, now)
        month = month.following
    return changed


def _first_month(session: Session, rows: list[Reservation], now: datetime) -> Month:
    last = session.scalar(
        select(func.max(LedgerEntry.day)).where(LedgerEntry.kind == Kind.RESERVATION_FEE)
    )
    oldest = Month.of(min(row.first_day for row in rows))
    known = Month.of(last) if last else oldest
    return max(oldest, min(known, Month.of(now).previous))


def _book_month(session: Session, rows: list[Reservation], month: Month, now: datetime) -> int:
    days = [day for day in month.days(now) if day < now.date()]
    by_id = {row.id: row for row in rows}
    found = reservations.shares([terms(row) for row in rows], month, days, compute(session, month))
    entries = [entry for share in found for entry in _entries(share, by_id[share.id], now)]
    known = _booked(session, month)
    return ledger.book(
        session,
        # A credit of nothing is only said where it takes back what was said before.
        [entry for entry in entries if entry.amount_nano or (_key(entry) in known)],
    )


def compute(session: Session, month: Month) -> dict[tuple[date, str, str], int]:
    rows = session.execute(
        select(_c.day, _c.region, _c.size, func.sum(_c.amount_nano))
        .where(_c.day >= month.first, _c.day < month.following.first)
        # To Fly a helper is a machine like any other.
        .where(_c.component.in_([Component.COMPUTE, Component.HELPER]))
        .group_by(_c.day, _c.region, _c.size)
    )
    sums: dict[tuple[date, str, str], int] = defaultdict(int)
    for day, region, size, nano in rows:
        sums[day, region, reservations.cpu_class(size)] += int(nano)
    return sums


def _booked(session: Session, month: Month) -> set[tuple[str, str, date]]:
    found = session.execute(
        select(LedgerEntry.kind, LedgerEntry.resource_id, LedgerEntry.day)
        .where(LedgerEntry.day >= month.first, LedgerEntry.day < month.following.first)
        .where(LedgerEntry.kind.in_(KINDS))
    )
    return {(kind, resource, day) for kind, resource, day in found}


def _key(entry: LedgerEntry) -> tuple[str, str, date]:
    return entry.kind, entry.resource_id, entry.day


def _entries(share: Share, row: Reservation, now: datetime) -> list[LedgerEntry]:
    return [
        LedgerEntry(
            owner=Owner.FLEET,
            plan="",
            user_group="",
            workspace_id=None,
            day=share.day,
            kind=kind,
            component=Component.RESERVATION,
            resource_id=resource(row.id),
            region=row.region,
            quantity=row.blocks,
            unit="blocks",
            amount_nano=nano,
            price_version="",
            reason=f"{row.cpu_class} in {row.region}",
            booked_by="",
            booked_at=now,
        )
        for kind, nano in zip(KINDS, (share.fee_nano, -share.credit_nano), strict=True)
    ]


def resource(number: int) -> str:
    return f"reservation-{number}"


def terms(row: Reservation) -> Terms:
    return Terms(
        row.id,
        row.region,
        row.cpu_class,
        row.yearly_nano,
        row.credit_nano,
        row.first_day,
        row.end_day,
    )
