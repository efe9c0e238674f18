"""Ledger entries and reservations as their tables show them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from jarvis_admin.domain.entries import ADJUSTMENTS, Kind
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Reservation
from jarvis_admin.services.adjustments import countered_by
from jarvis_admin.services.reservation_plan import PlanMonth
from jarvis_admin.web.entry_words import WORDS
from jarvis_admin.web.filters import size

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
    counter: int | None  # the entry that counters this one
    counters: int | None  # the entry that this one counters


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
    over: bool  # ended or removed
    booked: bool  # days of it are over, and stand in the ledger
    removable: bool  # no day of it is in a month that is closed


@dataclass(frozen=True)
class PlanRow:
    month: str
    days: int
    fee: str
    credit: str
    sum: str


def choices() -> list[tuple[str, str]]:
    named = [(str(kind), words) for kind, words in WORDS.items()]
    return [
        ("", "Booked and reserved"),
        ("adjustments", "Adjustments"),
        ("all", "Everything"),
        *named,
    ]


def row(found: Row[Any], counter: int | None) -> EntryRow:
    """`counter`: the entry that counters this one."""
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
        counter,
        countered_by(found.resource_id),
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
        state in ("ended", "removed"),
        found.first_day < today,
        not found.is_removed and found.first_day >= Month(today.replace(day=1)).previous.first,
    )


def plan_month(found: PlanMonth) -> PlanRow:
    return PlanRow(
        found.month.title,
        found.days,
        dollars(found.fee_nano),
        dollars(-found.credit_nano),
        dollars(found.fee_nano - found.credit_nano),
    )


def _state(found: Reservation, today: date) -> tuple[str, str]:
    if found.is_removed:
        return "removed", "off"
    if found.end_day is not None and found.end_day <= today:
        return "ended", "off"
    return ("coming", "scheduled") if found.first_day > today else ("running", "ready")


def _quantity(found: Row[Any]) -> str:
    if not found.quantity:
        return "–"
    return size(found.quantity) if found.unit == "B" else f"{found.quantity:,} {found.unit}"
