"""Budgets against what was really spent: each threshold fires once a month."""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import NANO
from jarvis_admin.models import Alert, Budget, FleetBurn, Workspace
from jarvis_admin.services import budget_standing, budget_watch, budgets
from tests.factories import NOON, make_plan, make_user, make_workspace
from tests.fleets import make_interval
from tests.services.money_days import make_budget, spend

TODAY = NOON.date()
FIRST = TODAY.replace(day=1)


@pytest.fixture
def alice(sessions: Sessions) -> int:
    with sessions.begin() as session:
        plan = make_plan(session, key="pro")
        return make_workspace(session, user=make_user(session, handle="alice", plan=plan)).id


def spent(sessions: Sessions, workspace_id: int, dollars: float, day: date = FIRST) -> None:
    with sessions.begin() as session:
        spend(session, session.get_one(Workspace, workspace_id), day, dollars)


def watch(sessions: Sessions, now: datetime = NOON) -> int:
    with sessions.begin() as session:
        return budget_watch.watch(session, now)


def fired(sessions: Sessions) -> list[tuple[str, bool]]:
    with sessions() as session:
        rows = session.scalars(select(Alert).order_by(Alert.id))
        return [(row.title, row.quiet) for row in rows]


def test_a_threshold_fires_once_however_often_it_is_looked_at(sessions: Sessions, alice: int):
    with sessions.begin() as session:
        make_budget(session, note="Ask Lea.")
    spent(sessions, alice, 49)
    assert watch(sessions) == 0

    spent(sessions, alice, 2, FIRST + timedelta(days=1))
    assert watch(sessions) == 1
    assert watch(sessions, NOON + timedelta(minutes=1)) == 0

    assert fired(sessions) == [("Fleet: 50 % of the budget spent", False)]
    with sessions() as session:
        alert = session.scalars(select(Alert)).one()
        assert alert.text == "Fleet has cost $51.00 of $100.00 in November 2026, 51 %. Ask Lea."
        assert (alert.kind, alert.period) == ("budget", "2026-11")
        assert (alert.amount_nano, alert.limit_nano) == (51 * NANO, 100 * NANO)


def test_of_several_at_once_the_highest_is_sent_and_all_are_on_record(
    sessions: Sessions, alice: int
):
    with sessions.begin() as session:
        make_budget(session)
    spent(sessions, alice, 120)

    assert watch(sessions) == 3

    assert sorted(fired(sessions)) == [
        ("Fleet: 100 % of the budget spent", False),
        ("Fleet: 50 % of the budget spent", True),
        ("Fleet: 80 % of the budget spent", True),
    ]


def test_the_next_month_begins_anew(sessions: Sessions, alice: int):
    with sessions.begin() as session:
        make_budget(session, actual_percents=[50])
    spent(sessions, alice, 60)
    watch(sessions)
    december = NOON + timedelta(days=20)
    assert watch(sessions, december) == 0

    spent(sessions, alice, 60, december.date().replace(day=1))

    assert watch(sessions, december) == 1


def test_a_budget_that_was_raised_fires_anew(sessions: Sessions, alice: int):
    with sessions.begin() as session:
        budget_id = make_budget(session, actual_percents=[80]).id
    spent(sessions, alice, 90)
    watch(sessions)
    with sessions.begin() as session:
        session.get_one(Budget, budget_id).amount_nano = 110 * NANO

    assert watch(sessions) == 1


def test_a_snoozed_budget_is_quiet_and_fires_when_the_snooze_ends(sessions: Sessions, alice: int):
    with sessions.begin() as session:
        budget_id = make_budget(session, actual_percents=[50]).id
        budgets.snooze(
            session, budget_id, NOON + timedelta(hours=2), reason="migration", actor="Lea", at=NOON
        )
    spent(sessions, alice, 60)

    assert watch(sessions, NOON + timedelta(hours=1, minutes=59)) == 0
    assert watch(sessions, NOON + timedelta(hours=2)) == 1


def test_a_forecast_fires_before_the_money_is_gone(sessions: Sessions, alice: int):
    with sessions.begin() as session:
        make_budget(session, actual_percents=[100], forecast_percents=[100])
    for n in range(60):
        spent(sessions, alice, 4, TODAY - timedelta(days=60 - n))

    assert watch(sessions) == 1

    assert fired(sessions) == [("Fleet: 100 % of the budget expected", False)]
    with sessions() as session:
        row = session.scalars(select(Budget)).one()
        assert row.actual_nano == 88 * NANO
        assert 110 * NANO < row.expected_nano < 130 * NANO
        assert row.low_nano <= row.expected_nano <= row.high_nano


@pytest.mark.parametrize(
    ("scope", "key", "nano"),
    [("plan", "pro", 30), ("plan", "team", 7), ("region", "nrt", 7), ("user", "alice", 30)],
)
def test_a_part_of_the_fleet_counts_its_own_costs_alone(
    sessions: Sessions, alice: int, scope: str, key: str, nano: int
):
    with sessions.begin() as session:
        plan = make_plan(session, key="team")
        other = make_workspace(
            session, user=make_user(session, handle="mei", plan=plan, region="nrt")
        )
        spend(session, other, FIRST, 7)
        make_budget(session, scope=scope, key=key, actual_percents=[1])
        month = session.get_one(Workspace, alice)
        month.month_nano = 30 * NANO
    spent(sessions, alice, 30)

    watch(sessions)

    with sessions() as session:
        assert session.scalars(select(Budget)).one().actual_nano == nano * NANO


def test_what_runs_now_counts_for_plans_and_regions(sessions: Sessions, alice: int):
    """Closed today, and open since before midnight: both belong to today."""
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        spend(session, row, TODAY, 5)
        make_interval(session, row, NOON - timedelta(hours=2), None, plan="pro", rate_pico=10**9)

    with sessions() as session:
        of_plan = budget_standing.outlook(session, "plan", "pro", NOON)
        of_region = budget_standing.outlook(session, "region", "fra", NOON)

    assert of_plan.actual_nano == of_region.actual_nano == 5 * NANO + 7200 * 10**6


def test_the_fleet_counts_what_burns_now(sessions: Sessions):
    with sessions.begin() as session:
        session.add(FleetBurn(component="compute", rate_pico=10**9, accrued_nano=NANO, as_of=NOON))

    with sessions() as session:
        told = budget_standing.outlook(session, "fleet", "", NOON + timedelta(seconds=1000))

    assert told.actual_nano == 2 * NANO


def test_more_users_and_budgets_of_a_scope_cost_no_more_statements(
    engine: Engine, sessions: Sessions
):
    count = _counting(engine)
    with sessions.begin() as session:
        for number in range(2):
            _user_with_budget(session, number)
    with count() as for_two:
        watch(sessions)
    with sessions.begin() as session:
        for number in range(2, 30):
            _user_with_budget(session, number)
    with count() as for_many:
        watch(sessions)

    # What is written is written in batches by the driver; reads are counted.
    reads = [
        sum(each.lstrip().startswith("SELECT") for each in found) for found in (for_two, for_many)
    ]
    assert reads[0] == reads[1]


def _user_with_budget(session, number: int) -> None:
    user = make_user(session, handle=f"user-{number:03d}")
    make_workspace(session, user=user)
    make_budget(session, scope="user", key=user.handle)


def _counting(engine: Engine) -> Callable[[], object]:
    @contextmanager
    def counting():
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: Sequence[object]):
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        yield statements
        event.remove(engine, "before_cursor_execute", note)

    return counting
