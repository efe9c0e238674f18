"""Budgets as people make and change them, and what they would have done."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.budgets import Basis, thresholds
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import AuditEntry, Budget
from jarvis_admin.services import budget_history, budgets
from jarvis_admin.services.budgets import Wish
from tests.factories import NOON, make_plan, make_user, make_workspace
from tests.services.money_days import make_budget, spend

WISH = Wish("fleet", "", 100 * NANO, [50, 100], [100], None, "")


def save(sessions: Sessions, budget_id: int | None = None, **changes) -> Budget:
    with sessions.begin() as session:
        wish = Wish(**{**WISH.__dict__, **changes})
        return budgets.save(session, wish, actor="Lea", now=NOON, budget_id=budget_id)


def test_a_saved_budget_knows_how_the_month_stands_and_is_on_record(sessions: Sessions):
    with sessions.begin() as session:
        spend(session, make_workspace(session), NOON.date() - timedelta(days=3), 12)

    row = save(sessions)

    assert row.actual_nano == 12 * NANO
    assert row.stood_at == NOON
    with sessions() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject, entry.actor) == ("budget made", "Fleet", "Lea")
        assert entry.details["usd_a_month"] == "100.000000000"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scope": "galaxy"}, "the fleet, a plan"),
        ({"scope": "plan"}, "Say which plan"),
        ({"scope": "plan", "key": "gold"}, "no plan gold"),
        ({"scope": "user", "key": "nobody"}, "no user nobody"),
        ({"scope": "region", "key": "xyz"}, "no region xyz"),
        ({"amount_nano": 0}, "more than nothing"),
        ({"actual": [], "forecast": []}, "name at least one"),
        ({"owner_id": 999}, "not among the staff"),
        ({"note": "x" * 501}, "at most 500"),
    ],
)
def test_what_makes_no_budget_is_refused_with_a_sentence(sessions: Sessions, changes, said: str):
    with pytest.raises(Invalid, match=said):
        save(sessions, **changes)


def test_one_budget_for_one_thing(sessions: Sessions):
    row = save(sessions)

    with pytest.raises(Conflict, match="has a budget already"):
        save(sessions)
    assert save(sessions, row.id, amount_nano=5 * NANO).amount_nano == 5 * NANO


def test_a_snooze_needs_a_reason_and_an_end_that_is_near(sessions: Sessions):
    with sessions.begin() as session:
        budget_id = make_budget(session).id
    for until, reason in [
        (NOON - timedelta(days=1), "because"),
        (NOON + timedelta(days=93), "because"),
        (NOON + timedelta(days=1), ""),
    ]:
        with sessions() as session, pytest.raises(Invalid):
            budgets.snooze(session, budget_id, until, reason=reason, actor="Lea", at=NOON)


def test_a_deleted_budget_is_gone(sessions: Sessions):
    row = save(sessions)
    with sessions.begin() as session:
        assert budgets.delete(session, row.id, actor="Lea", now=NOON) == "Fleet"

    with sessions() as session, pytest.raises(NotFound):
        budgets.get(session, row.id)


def test_the_past_is_told_with_what_was_known_on_each_day(sessions: Sessions):
    """October cost 3 dollars a day: 50 of 90 on the 17th, expected to be over from early on."""
    october = Month.of(NOON).previous
    with sessions.begin() as session:
        row = make_workspace(session)
        for n in range(-40, 31):
            spend(session, row, october.first + timedelta(days=n), 3)

        past = budget_history.back_test(
            session, "fleet", "", 90 * NANO, thresholds([50, 100], [100]), NOON
        )

    newest = past[0]
    assert newest.month == october
    assert newest.amount_nano == 93 * NANO
    days = {(each.basis, each.percent): day.day for day, each in newest.fired}
    assert days[Basis.ACTUAL, 50] == 15
    assert days[Basis.ACTUAL, 100] == 30
    assert days[Basis.FORECAST, 100] < 10
    assert [month.month for month in past] == [october, october.previous, october.previous.previous]
    assert past[-1].partial


@pytest.mark.parametrize("scope", ["plan", "region", "user"])
def test_parts_of_the_fleet_are_tried_on_their_own_past(sessions: Sessions, scope: str):
    october = Month.of(NOON).previous
    with sessions.begin() as session:
        plan = make_plan(session, key="pro")
        row = make_workspace(session, user=make_user(session, handle="alice", plan=plan))
        other = make_workspace(session, user=make_user(session, handle="mei", region="nrt"))
        spend(session, row, october.first, 9)
        spend(session, other, october.first, 70)
        key = {"plan": "pro", "region": "fra", "user": "alice"}[scope]

        (past,) = budget_history.back_test(
            session, scope, key, 10 * NANO, thresholds([90], []), NOON
        )

    assert past.amount_nano == 9 * NANO
    assert [day for day, _ in past.fired] == [october.first]


def test_without_a_past_there_is_nothing_to_tell(sessions: Sessions):
    with sessions() as session:
        assert budget_history.back_test(session, "fleet", "", NANO, thresholds([1], []), NOON) == []
