"""Reservations in the ledger: booked once a day, anew when a day was reopened."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.price_list import Block
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import AuditEntry, CostCell, FleetDay, LedgerEntry, Reservation
from jarvis_admin.services import reservation_days, reservation_plan, reservations
from jarvis_admin.services.reservations import Wanted
from tests.factories import NOON, make_workspace
from tests.fleets import make_interval

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MIDNIGHT = NOON.replace(hour=0)
FEE, CREDIT = Kind.RESERVATION_FEE, Kind.RESERVATION_CREDIT


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


def wanted(**given: object) -> Wanted:
    return Wanted(
        **{
            "region": "fra",
            "block": Block("shared", 36 * NANO, 5 * NANO),
            "blocks": 1,
            "first_day": date(2026, 11, 1),
            "end_day": date(2027, 11, 1),
            "note": "",
            "reason": "bought today",
            **given,
        }
    )


def reserve(session: Session, **given: object) -> Reservation:
    return reservations.add(session, wanted(**given), by="Marta", now=NOON)


def booked(session: Session, kind: Kind) -> dict[date, int]:
    rows = session.execute(
        select(LedgerEntry.day, LedgerEntry.amount_nano)
        .where(LedgerEntry.kind == kind)
        .order_by(LedgerEntry.day)
    )
    return dict(rows.all())


def test_closed_days_are_booked_with_fee_and_credit(session: Session):
    reserve(session)
    used = make_interval(session, make_workspace(session), MIDNIGHT - DAY, 10 * HOUR)

    reservation_days.book_closed_days(session, NOON)

    fees, credited = booked(session, FEE), booked(session, CREDIT)
    assert list(fees) == [date(2026, 11, 1) + n * DAY for n in range(22)]
    assert sum(fees.values()) == round(36 * NANO * 22 / 365)
    assert credited == {date(2026, 11, 22): -used.amount_nano}
    assert session.scalar(select(func.sum(CostCell.amount_nano))) == sum(
        [used.amount_nano, *fees.values(), *credited.values()]
    )
    assert session.get_one(FleetDay, (date(2026, 11, 22), "reservation")).amount_nano == (
        fees[date(2026, 11, 22)] - used.amount_nano
    )


def test_booking_again_changes_nothing(session: Session):
    reserve(session)
    make_interval(session, make_workspace(session), MIDNIGHT - DAY, 10 * HOUR)

    first = reservation_days.book_closed_days(session, NOON)

    assert first == 23
    assert reservation_days.book_closed_days(session, NOON + HOUR) == 0


def test_a_day_that_late_events_reopened_is_booked_anew(session: Session):
    reserve(session)
    workspace = make_workspace(session)
    early = make_interval(session, workspace, MIDNIGHT - 2 * DAY, HOUR)
    reservation_days.book_closed_days(session, NOON)

    late = make_interval(session, workspace, MIDNIGHT - 2 * DAY + 2 * HOUR, HOUR)

    assert reservation_days.book_closed_days(session, NOON) == 1
    assert booked(session, CREDIT) == {date(2026, 11, 21): -(early.amount_nano + late.amount_nano)}


def test_a_worker_that_was_down_for_months_misses_no_day(session: Session):
    reserve(session)
    reservation_days.book_closed_days(session, NOON)

    reservation_days.book_closed_days(session, NOON + 100 * DAY)

    days = list(booked(session, FEE))
    assert len(days) == 122
    assert days[-1] == date(2027, 3, 2)


def test_without_a_reservation_nothing_is_booked(session: Session):
    assert reservation_days.book_closed_days(session, NOON) == 0


def test_a_reservation_ends_today_or_later(session: Session):
    row = reserve(session)

    with pytest.raises(Invalid, match="today or later"):
        reservations.end(
            session, row.id, end_day=date(2026, 11, 22), by="Marta", reason="moved", now=NOON
        )
    reservations.end(session, row.id, end_day=NOON.date(), by="Marta", reason="moved", now=NOON)
    reservation_days.book_closed_days(session, NOON + 5 * DAY)

    assert list(booked(session, FEE))[-1] == date(2026, 11, 22)
    with pytest.raises(Conflict, match="ended on 2026-11-23"):
        reservations.end(
            session, row.id, end_day=date(2026, 12, 1), by="Marta", reason="again", now=NOON
        )
    with pytest.raises(NotFound):
        reservations.end(session, 999, end_day=NOON.date(), by="M", reason="none", now=NOON)
    actions = select(AuditEntry.action).order_by(AuditEntry.id)
    assert session.scalars(actions).all() == ["add_reservation", "end_reservation"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"blocks": 0}, "between 1 and"),
        ({"first_day": date(2026, 10, 31)}, "older months are closed"),
        ({"reason": "no"}, "3 to 500 characters"),
        ({"reason": "x" * 501}, "3 to 500 characters"),
        ({"end_day": date(2026, 11, 1)}, "ends before its first day"),
    ],
)
def test_what_cannot_be_reserved_is_said(session: Session, given: dict[str, object], said: str):
    with pytest.raises(Invalid, match=said):
        reserve(session, **given)


def test_the_plan_is_what_is_booked_then(session: Session):
    reserve(session, first_day=date(2026, 11, 10))
    make_interval(session, make_workspace(session), MIDNIGHT - DAY, 1000 * HOUR)
    reservation_days.book_closed_days(session, NOON)
    before = sum(booked_all(session))

    (planned,) = reservation_plan.plan(session, wanted(), NOON)
    assert sum(booked_all(session)) == before
    reserve(session)
    reservation_days.book_closed_days(session, NOON)

    assert planned.days == 22
    assert planned.fee_nano - planned.credit_nano == sum(booked_all(session)) - before
    assert reservation_plan.plan(session, wanted(first_day=NOON.date()), NOON) == []


def test_one_made_by_mistake_is_removed_and_counts_nothing(session: Session):
    row = reserve(session)
    make_interval(session, make_workspace(session), MIDNIGHT - DAY, 10 * HOUR)
    reservation_days.book_closed_days(session, NOON)
    assert booked_all(session)

    _, entries = reservation_plan.remove(
        session, row.id, by="Marta", reason="typed twice", now=NOON
    )

    assert entries == 23
    assert set(booked_all(session)) == {0}
    assert session.get_one(FleetDay, (date(2026, 11, 22), "reservation")).amount_nano == 0
    assert reservation_days.book_closed_days(session, NOON + DAY) == 0
    trail = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (trail.action, trail.reason) == ("remove_reservation", "typed twice")
    for again in (reservation_plan.remove, end_tomorrow):
        with pytest.raises(Conflict, match="removed"):
            again(session, row.id, by="Marta", reason="once more", now=NOON)


def test_what_reaches_into_closed_months_is_not_removed(session: Session):
    row = reserve(session)

    with pytest.raises(Conflict, match="in a month that is closed"):
        reservation_plan.remove(session, row.id, by="Marta", reason="too late", now=NOON + 70 * DAY)


def end_tomorrow(session: Session, number: int, **given: object) -> Reservation:
    return reservations.end(session, number, end_day=NOON.date() + DAY, **given)


def booked_all(session: Session) -> list[int]:
    return list(session.scalars(select(LedgerEntry.amount_nano)))
