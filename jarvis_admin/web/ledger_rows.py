"""Ledger entries and reservations as their tables show them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from jarvis_admin.domain.entries import ADJUSTMENTS, Kind
from jarvis_admin.domain.money import dollars
from jarvis_admin.models import Reservation
from jarvis_admin.web.filters import size

WORDS = {
    Kind.EGRESS: "Traffic",
    Kind.FREE_SNAPSHOTS: "Free snapshots",
    Kind.RESERVATION_FEE: "Reservation fee",
    Kind.RESERVATION_CREDIT: "Reservation credit",
    Kind.CREDIT: "Credit",
    Kind.REFUND: "Refund",
    Kind.CORRECTION: "Correction",
}
PLACES = 4


@dataclass(frozen=True)
class EntryRow:
    id: int
    day: date
    kind: str
    handle: str
    whose: str
    quantity: str
    amount: str
    reason: str
    by: str
    person: bool  # booked by hand


@dataclass(frozen=True)
class ReservationRow:
    id: int
    what: str
    blocks: int
    yearly: str
    credit: str
    first_day: date
    end_day: date | None
    state: str
    look: str
    note: str


def choices() -> list[tuple[str, str]]:
    named = [(str(kind), words) for kind, words in WORDS.items()]
    return [
        ("", "Booked and reserved"),
        ("adjustments", "Adjustments"),
        ("all", "Everything"),
        *named,
    ]


def row(found: Row[Any]) -> EntryRow:
    kind = Kind(found.kind)
    return EntryRow(
        found.id,
        found.day,
        WORDS[kind],
        found.handle or "",
        found.handle or ("the fleet" if found.owner == "fleet" else found.owner),
        _quantity(found),
        dollars(found.amount_nano, PLACES),
        found.reason,
        found.booked_by or "the worker",
        kind in ADJUSTMENTS,
    )


def reservation(found: Reservation, today: date) -> ReservationRow:
    state, look = _state(found, today)
    return ReservationRow(
        found.id,
        f"{found.cpu_class} in {found.region}",
        found.blocks,
        dollars(found.yearly_nano),
        dollars(found.credit_nano),
        found.first_day,
        found.end_day,
        state,
        look,
        found.note,
    )


def _state(found: Reservation, today: date) -> tuple[str, str]:
    if found.end_day is not None and found.end_day <= today:
        return "ended", "off"
    return ("coming", "scheduled") if found.first_day > today else ("running", "ready")


def _quantity(found: Row[Any]) -> str:
    if not found.quantity:
        return "–"
    return size(found.quantity) if found.unit == "B" else f"{found.quantity:,} {found.unit}"
