"""/budgets: the list, the form with its back-test, snoozes; and who may do what."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Alert, Budget, Staff, UnusualRule
from jarvis_admin.services import alerts
from tests.factories import make_plan, make_user, make_workspace
from tests.services.money_days import make_budget, spend
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console

Counting = Callable[[], AbstractContextManager[list[str]]]
FORM = {"scope": "fleet", "amount": "100", "actual": "50 80 100", "forecast": "100"}
RULE = {"plan": "", "percent": "200", "minimum": "2"}
READS = ["/budgets", "/budgets/unusual", "/budgets/alerts", "/budgets/alerts/1"]
FORMS = ["/budgets/new", "/budgets/1", "/budgets/unusual/new", "/budgets/unusual/1"]
WRITES = [
    ("/budgets", FORM),
    ("/budgets/try", FORM),
    ("/budgets/1", FORM),
    ("/budgets/1/snooze", {"days": "7", "reason": "a launch"}),
    ("/budgets/1/wake", {}),
    ("/budgets/1/delete", {}),
    ("/budgets/unusual", RULE),
    ("/budgets/unusual/try", RULE),
    ("/budgets/unusual/1", RULE),
    ("/budgets/unusual/1/snooze", {"days": "7", "reason": "a launch"}),
    ("/budgets/unusual/1/wake", {}),
    ("/budgets/unusual/1/delete", {}),
]


@pytest.fixture
def things(sessions: Sessions) -> None:
    """A budget, a rule and an alert, each with the id 1."""
    with sessions.begin() as session:
        make_budget(session, actual_nano=85 * NANO, expected_nano=110 * NANO)
        now = datetime.now(UTC)
        session.add(UnusualRule(percent=200, minimum_nano=NANO, created_at=now))
        alerts.raise_once(session, make_alert(now))


def make_alert(at: datetime, **given) -> Alert:
    return Alert(
        **{
            "key": f"budget:{at.isoformat()}",
            "kind": "budget",
            "at": at,
            "period": str(Month.of(at)),
            "scope": "user",
            "subject": "alice",
            "title": "User alice: 80 % of the budget spent",
            "text": "User alice has cost $8.00 of $10.00.",
            **given,
        }
    )


def count(sessions: Sessions, model: type = Budget) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_list_says_how_each_budget_stands(admin: Console, sessions: Sessions, things: None):
    (_, row) = tables.rows(admin.get("/budgets").text, "Budgets, scrolls sideways")

    assert row[0] == "Fleet"
    assert row[1].startswith("Expected over")
    assert row[2] == "85.00"
    assert "85 %, 110 % expected" in row[3]
    assert row[4:7] == ["100.00", "110.00", "100 % at $100.00"]


@pytest.mark.parametrize(
    ("actual", "expected", "word"),
    [(10, 20, "On track"), (85, 90, "Nearly used"), (100, 120, "Used up $0.00 over")],
)
def test_the_state_is_in_words(
    admin: Console, sessions: Sessions, actual: int, expected: int, word: str
):
    with sessions.begin() as session:
        make_budget(session, actual_nano=actual * NANO, expected_nano=expected * NANO)

    assert word in tables.words(admin.get("/budgets").text)


def test_without_a_budget_the_page_says_what_one_is_for(admin: Console):
    page = admin.get("/budgets").text

    assert "No budget yet" in page
    assert tables.link(page, "New budget…") == "/budgets/new"


def test_a_budget_is_made_and_changed(admin: Console, sessions: Sessions):
    with sessions.begin() as session:
        make_plan(session, key="pro")

    made = admin.post(
        "/budgets", **{**FORM, "scope": "plan", "key": " PRO ", "amount": "$1,250.50"}
    )
    changed = admin.post("/budgets/1", **{**FORM, "scope": "plan", "key": "pro", "actual": "90"})

    assert made.location == changed.location == "/budgets"
    with sessions() as session:
        row = session.scalars(select(Budget)).one()
        assert (row.scope, row.key, row.amount_nano) == ("plan", "pro", 100 * NANO)
        assert (row.actual_percents, row.forecast_percents) == ([90], [100])
    assert 'value="90"' in admin.get("/budgets/1").text


def test_the_form_is_tried_on_the_past_before_anything_is_saved(admin: Console, sessions: Sessions):
    month = Month.of(datetime.now(UTC)).previous
    with sessions.begin() as session:
        row = make_workspace(session)
        for n in range(28):
            spend(session, row, month.first + timedelta(days=n), 5)

    answer = admin.post("/budgets/try", **{**FORM, "forecast": ""})

    assert answer.status_code == 200
    assert "It would have fired 3 times in the last month." in answer.text
    (_, shown) = tables.rows(answer.text, "What would have fired")
    assert shown[0].startswith(month.title)
    assert shown[1] == "140.00"
    assert f"80 % spent on 16 {month.first:%b}" in shown[2]
    assert 'name="amount" value="100"' in answer.text
    assert count(sessions) == 0


@pytest.mark.parametrize("address", ["/budgets", "/budgets/try"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": "much"}, "The amount is an amount in dollars"),
        ({"amount": "0"}, "more than nothing"),
        ({"actual": "half"}, "whole percents"),
        ({"actual": "", "forecast": ""}, "name at least one"),
        ({"scope": "plan", "key": "gold"}, "no plan gold"),
        ({"owner": "me"}, "chosen from the list"),
    ],
)
def test_a_form_that_cannot_be_keeps_what_was_typed(
    admin: Console, sessions: Sessions, address: str, changes: dict[str, str], said: str
):
    answer = admin.post(address, **{**FORM, "note": "ask Lea first", **changes})

    assert answer.status_code == 422
    assert said in answer.text
    assert "ask Lea first" in answer.text
    assert count(sessions) == 0


def test_a_second_budget_for_the_same_is_refused(admin: Console, sessions: Sessions, things: None):
    answer = admin.post("/budgets", **FORM)

    assert answer.status_code == 409
    assert "has a budget already" in answer.text


def test_a_snooze_has_an_end_and_can_be_ended(admin: Console, sessions: Sessions, things: None):
    admin.post("/budgets/1/snooze", days="7", reason="a launch")
    page = admin.get("/budgets").text
    assert "Snoozed" in page
    assert "a launch" in admin.get("/budgets/1").text

    admin.post("/budgets/1/wake")

    assert "Snoozed" not in admin.get("/budgets").text


@pytest.mark.parametrize(
    "form",
    [{"days": "x", "reason": "a launch"}, {"days": "7"}, {"days": "365", "reason": "a launch"}],
)
def test_a_snooze_without_end_or_reason_is_refused(
    admin: Console, sessions: Sessions, things: None, form: dict[str, str]
):
    assert admin.post("/budgets/1/snooze", **form).status_code == 422


def test_a_rule_is_tried_saved_and_deleted(admin: Console, sessions: Sessions):
    today = datetime.now(UTC).date()
    with sessions.begin() as session:
        row = make_workspace(session, user=make_user(session, handle="alice"))
        for n in range(1, 20):
            spend(session, row, today - timedelta(days=n), 9 if n == 2 else 1)

    tried = admin.post("/budgets/unusual/try", **RULE)
    assert "It would have fired once" not in tried.text
    assert "It would have fired 1 time in the last 30 days." in tried.text
    assert tables.rows(tried.text, "What would have fired")[1][0] == "alice"
    assert count(sessions, UnusualRule) == 0

    assert admin.post("/budgets/unusual", **RULE).status_code == 303
    assert "Every user" in admin.get("/budgets/unusual").text
    assert admin.post("/budgets/unusual/1/delete").status_code == 303
    assert count(sessions, UnusualRule) == 0


def test_an_alert_leads_to_what_explains_it(admin: Console, sessions: Sessions, things: None):
    with sessions.begin() as session:
        make_workspace(session, user=make_user(session, handle="alice"))
    page = admin.get("/budgets/alerts").text

    why = tables.link(page, "Why")

    assert re.fullmatch(r"/costs/users/alice\?month=20\d\d-\d\d", why)
    assert admin.get(why).status_code == 200
    assert "No channel wanted alerts of this kind" in admin.get("/budgets/alerts/1").text


def test_alerts_are_paged_and_filtered_by_kind(admin: Console, sessions: Sessions):
    now = datetime.now(UTC)
    with sessions.begin() as session:
        for n in range(alerts.PAGE + 5):
            at = now - timedelta(minutes=n)
            session.add(make_alert(at, title=f"Alert {n:03d}."))
        session.add(make_alert(now, key="d", kind="digest", title="Week for finance", text="-"))

    seen, address = [], "/budgets/alerts?kind=budget"
    while address:
        page = admin.get(address).text
        seen += re.findall(r"Alert \d{3}\.(?=</a>)", page)
        address = tables.link(page, "Older") if ">Older<" in page else ""

    assert seen == [f"Alert {n:03d}." for n in range(alerts.PAGE + 5)]
    assert "Week for finance" in admin.get("/budgets/alerts?kind=digest").text
    assert admin.get("/budgets/alerts?kind=gossip").status_code == 422
    assert admin.get("/budgets/alerts?after=x").status_code == 422


def test_what_is_not_there_is_said(admin: Console):
    for address in ("/budgets/9", "/budgets/unusual/9", "/budgets/alerts/9"):
        assert admin.get(address).status_code == 404


def test_more_budgets_cost_no_more_statements(
    admin: Console, sessions: Sessions, count_statements: Counting
):
    def add(numbers: range) -> None:
        with sessions.begin() as session:
            for n in numbers:
                owner = Staff(
                    email=f"{n}@example.com",
                    name=f"Owner {n}",
                    password_hash="-",
                    roles=[],
                    created_at=datetime.now(UTC),
                )
                make_budget(session, scope="user", key=f"user-{n}", owner=owner)

    add(range(2))
    with count_statements() as for_two:
        admin.get("/budgets")
    add(range(2, 30))
    with count_statements() as for_many:
        admin.get("/budgets")

    assert len(for_many) == len(for_two)


@pytest.mark.parametrize("page", READS + FORMS)
def test_finance_reads_every_page(sign_in: SignIn, things: None, page: str):
    assert sign_in("finance").get(page).status_code == 200


@pytest.mark.parametrize("page", READS + FORMS)
def test_support_sees_no_budgets(sign_in: SignIn, things: None, page: str):
    assert sign_in("support").get(page).status_code == 403


@pytest.mark.parametrize(("address", "form"), WRITES)
def test_support_changes_no_budget(
    sign_in: SignIn, sessions: Sessions, things: None, address: str, form: dict[str, str]
):
    assert sign_in("support").post(address, **form).status_code == 403
    assert count(sessions) == count(sessions, UnusualRule) == 1


@pytest.mark.parametrize(("address", "form"), WRITES)
def test_finance_changes_budgets(sign_in: SignIn, things: None, address: str, form: dict[str, str]):
    answer = sign_in("finance").post(address, **form)

    assert answer.status_code in (200, 303) or "has a budget already" in answer.text


@pytest.mark.parametrize(("address", "form"), WRITES)
def test_a_form_of_another_site_changes_nothing(
    admin: Console, sessions: Sessions, things: None, address: str, form: dict[str, str]
):
    assert admin.post(address, **form, csrf_token="forged").status_code == 400
    assert count(sessions) == count(sessions, UnusualRule) == 1
