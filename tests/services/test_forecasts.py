"""Forecasts from roll-ups, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.metering import month_to_date
from jarvis_admin.domain.months import Month
from jarvis_admin.models import FleetBurn, FleetDay, Plan, Workspace
from jarvis_admin.services import forecast_accuracy, forecasts
from tests.factories import make_plan, make_user, make_workspace
from tests.fleets import RATE, make_interval

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
TODAY = NOW.replace(hour=0)
A_DAY = RATE * 8 * 3600 // 1000
STEADY = 578_703
KEPT = STEADY * 86_400 // 1000


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


def live(session: Session, handle: str, days: int = 60, plan: str = "pro") -> Workspace:
    """Eight hours of compute a day from nine o'clock, and a volume; all closed to midnight."""
    known = session.scalars(select(Plan).where(Plan.key == plan)).first()
    user = make_user(session, handle=handle, plan=known or make_plan(session, key=plan))
    row = make_workspace(session, user=user)
    for back in range(1, days + 1):
        start = TODAY - back * DAY
        kept = {"component": "volume", "resource_id": f"vol-{handle}", "rate_pico": STEADY}
        make_interval(session, row, start + 9 * HOUR, 8 * HOUR, plan=plan)
        make_interval(session, row, start, DAY, plan=plan, **kept)
    row.month_nano, row.rate_pico, row.metered_at = 20 * (A_DAY + KEPT), STEADY, TODAY
    session.flush()
    return row


def test_the_fleet_is_known_up_to_now(session: Session):
    live(session, "alice")
    session.add(FleetBurn(component="volume", rate_pico=STEADY, accrued_nano=0, as_of=TODAY))
    session.flush()

    found = forecasts.month_end(session, "fleet", "", NOW)

    assert found.spent_nano == pytest.approx(20 * (A_DAY + KEPT) + KEPT // 4, rel=1e-6)
    # Ten more days, of which today's compute so far has not begun.
    assert found.expected_nano == pytest.approx(
        20 * (A_DAY + KEPT) + 10 * KEPT + 9.75 * A_DAY, rel=1e-4
    )
    assert found.low_nano <= found.expected_nano <= found.high_nano


def test_a_plan_and_a_region_are_told_from_midnight_on(session: Session):
    live(session, "alice")
    live(session, "bob", plan="team")

    told = forecasts.month_ends(session, "plan", ["pro", "team", "unknown"], NOW)
    (fra,) = forecasts.month_ends(session, "region", ["fra"], NOW).values()

    assert told["pro"].expected_nano == pytest.approx(30 * (A_DAY + KEPT), rel=1e-3)
    assert told["pro"].expected_nano == told["team"].expected_nano
    assert told["unknown"].expected_nano == 0
    assert fra.expected_nano == pytest.approx(2 * told["pro"].expected_nano, rel=1e-6)


def test_a_user_is_told_with_what_is_open_now(session: Session):
    row = live(session, "alice")

    found = forecasts.month_end(session, "user", "alice", NOW)

    assert found.spent_nano == month_to_date(row.month_nano, row.rate_pico, row.metered_at, NOW)
    assert found.expected_nano == pytest.approx(
        20 * (A_DAY + KEPT) + 10 * KEPT + 9.75 * A_DAY, rel=1e-3
    )
    assert forecasts.month_end(session, "user", "nobody", NOW).expected_nano == 0


def test_who_was_destroyed_this_month_costs_no_more(session: Session):
    row = live(session, "alice")
    row.destroyed_at, row.state = TODAY, "destroyed"
    session.flush()

    found = forecasts.month_end(session, "user", "alice", NOW)

    assert found.spent_nano == found.expected_nano == 20 * (A_DAY + KEPT)


def test_bookings_count_but_are_not_foretold(session: Session):
    live(session, "alice")
    before = forecasts.month_end(session, "fleet", "", NOW)
    credit = -5 * 10**9
    session.add(
        FleetDay(day=date(2026, 11, 3), component="adjustment", micros=0, amount_nano=credit)
    )
    session.flush()

    after = forecasts.month_end(session, "fleet", "", NOW)

    assert after.spent_nano == before.spent_nano + credit
    assert after.expected_nano == before.expected_nano + credit


@pytest.mark.parametrize("scope", ["plan", "region", "user"])
def test_many_cost_no_more_statements_than_one(session: Session, scope: forecasts.Scope):
    for number in range(5):
        live(session, f"user-{number}", days=3, plan=f"plan-{number}")
    statements: list[str] = []
    bind = session.connection()
    event.listen(bind, "before_cursor_execute", lambda *a: statements.append(a[2]))

    forecasts.month_ends(session, scope, ["user-0"], NOW)
    one = len(statements)
    forecasts.month_ends(session, scope, [f"user-{n}" for n in range(5)], NOW)

    assert len(statements) == 2 * one
    assert one <= 2


def test_the_past_is_told_as_if_on_that_day(session: Session):
    live(session, "alice", days=150)

    found = forecast_accuracy.accuracy(session, "fleet", "", NOW)
    of_plan = forecast_accuracy.accuracy(session, "plan", "pro", NOW)
    of_user = forecast_accuracy.accuracy(session, "user", "alice", NOW)

    months = {one.month for one in found.said}
    assert Month(date(2026, 10, 1)) in months
    assert Month(date(2026, 11, 1)) not in months
    assert found.mean_error_ppm is not None
    assert found.mean_error_ppm < 5_000
    assert [one.became_nano for one in of_plan.of(5).said] == [
        one.became_nano for one in found.of(5).said
    ]
    assert of_user.said == found.said


def test_without_two_weeks_before_nothing_is_tried(session: Session):
    live(session, "alice", days=30)

    found = forecast_accuracy.accuracy(session, "fleet", "", NOW)

    assert found.said == []
    assert found.mean_error_ppm is None
