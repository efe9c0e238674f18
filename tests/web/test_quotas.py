"""/quotas: the list, one user, what the plans give, and every change by role."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.models import (
    AuditEntry,
    Brake,
    BrakeEvent,
    Exemption,
    Grant,
    Operation,
    Plan,
    QuotaLimit,
    Workspace,
)
from jarvis_admin.services import quota_brakes, quota_limits
from tests.factories import make_plan, make_user, make_workspace
from tests.fleets import make_interval
from tests.web.conftest import SignIn
from tests.web.console import Console

Counting = Callable[[], AbstractContextManager[list[str]]]
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC)
LAST = Month.of(NOW).previous
UNTIL = (NOW + timedelta(days=9)).date().isoformat()


def add(session, handle: str, used_hours: float, limit_hours: float = 10, **given) -> Workspace:
    """Asleep, with so many of its hours used this month."""
    user = make_user(session, handle=handle, plan=given.pop("plan", None))
    row = make_workspace(session, user=user, state=given.pop("state", MachineState.SUSPENDED))
    used = timedelta(hours=used_hours)
    make_interval(session, row, Month.of(NOW).start, min(used, 24 * HOUR))
    quota_limits.set_for_plan(
        session,
        user.plan,
        {Kind.RUNNING: int(limit_hours * 3600)},
        by="Marta",
        reason="what it gives",
        now=NOW,
    )
    quota_brakes.judge_now(session, row, NOW)
    return row


@pytest.fixture
def alice(sessions: Sessions) -> int:
    """Over her limit: braked and asleep."""
    with sessions.begin() as session:
        return add(session, "alice", 10.5).id


@pytest.fixture
def support(sign_in: SignIn) -> Console:
    return sign_in("support")


def brake_of(sessions: Sessions, workspace_id: int) -> Brake | None:
    with sessions() as session:
        return session.get(Brake, workspace_id)


def test_who_is_near_or_over_is_listed_fullest_first(sessions, admin, alice) -> None:
    with sessions.begin() as session:
        add(session, "bob", 8.5)
        add(session, "carl", 2)

    page = admin.get("/quotas").text

    assert page.index("alice") < page.index("bob")
    assert "carl" not in page
    assert "10.5 h" in page
    assert "105 %" in page
    assert "Suspended" in page
    assert "Warned" in page


def test_the_list_is_filtered_by_level(sessions, admin, alice) -> None:
    with sessions.begin() as session:
        add(session, "bob", 8.5)

    page = admin.get("/quotas?level=warn").text

    assert "/quotas/bob" in page
    assert "/quotas/alice" not in page
    assert "Nobody is at this level" in admin.get("/quotas?level=at_idle").text
    assert admin.get("/quotas?level=strict").status_code == 422
    assert admin.get("/quotas?after=x").status_code == 422


def test_the_pages_of_the_list_hold_everybody_once(sessions, admin) -> None:
    with sessions.begin() as session:
        for number in range(60):
            add(session, f"user-{number:02}", 8 + number % 7 / 10)

    first = admin.get("/quotas").text
    after = first.partition("after=")[2].partition('"')[0]
    second = admin.get(f"/quotas?after={after.replace('&amp;', '&')}").text

    seen = [n for n in range(60) for page in (first, second) if f">user-{n:02}<" in page]
    assert seen == list(range(60))


def test_a_handle_leads_to_its_page(admin, alice) -> None:
    assert admin.get("/quotas?q=Alice").location == "/quotas/alice"
    assert admin.get("/quotas/nobody").status_code == 404


def test_the_page_says_why_and_until_when(admin, alice) -> None:
    page = admin.get("/quotas/alice").text

    assert "Has used 10.5 of 10 running hours this month" in page
    assert "what it gives" in page  # the derivation
    assert "Your computer is paused" in page
    assert '"level": "suspend_now"' in page  # as data, for the router


@pytest.mark.parametrize(
    ("size", "answer"),
    [("shared-cpu-4x:4096MB", "may have machines of up to 2 GB"), ("shared-cpu-1x:512MB", "Yes")],
)
def test_can_this_user_start_a_machine_now(sessions, admin, size: str, answer: str) -> None:
    with sessions.begin() as session:
        row = add(session, "bob", 1)
        quota_limits.set_for_plan(
            session, row.plan, {Kind.MEMORY: 2048}, by="Marta", reason="size", now=NOW
        )

    assert answer in admin.get(f"/quotas/bob?size={size}").text


def test_nobody_wakes_a_braked_machine_without_a_grant(admin, support, queue, alice) -> None:
    for person in (admin, support):
        answer = person.post("/machines/alice/wake")

        assert answer.status_code == 409
        assert (
            "alice has used 10.5 of 10 running hours this month: cannot wake the machine"
            in answer.text
        )
    assert queue == []


def test_a_grant_wakes_at_once(sessions, support, queue: list[Operation], alice) -> None:
    answer = support.post(
        "/quotas/alice/grants", kind="running", amount="5", until=UNTIL, reason="a demo"
    )

    assert answer.status_code == 303
    assert support.post("/machines/alice/wake").status_code == 303
    assert [operation.kind for operation in queue] == ["start"]
    assert brake_of(sessions, alice) is None
    with sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "quota_grant")).one()
    assert (entry.subject, entry.reason) == ("alice", "a demo")
    assert entry.details["amount"] == 18_000


def test_a_grant_that_is_taken_back_brakes_again(sessions, support, alice) -> None:
    support.post("/quotas/alice/grants", kind="running", amount="5", until=UNTIL, reason="demo")
    with sessions() as session:
        number = session.scalars(select(Grant.id)).one()

    assert support.post(f"/quotas/alice/grants/{number}/revoke").status_code == 303

    assert brake_of(sessions, alice).level == "suspend_now"
    assert support.post("/machines/alice/wake").status_code == 409
    assert support.post(f"/quotas/alice/grants/{number}/revoke").status_code == 409


def test_an_exemption_lifts_everything_until_it_ends(sessions, support, alice) -> None:
    support.post("/quotas/alice/exemptions", until=UNTIL, reason="a partner")
    assert brake_of(sessions, alice) is None
    assert "no limit" in support.get("/quotas/alice").text

    with sessions() as session:
        number = session.scalars(select(Exemption.id)).one()
    support.post(f"/quotas/alice/exemptions/{number}/end")

    assert brake_of(sessions, alice).level == "suspend_now"


def test_an_own_limit_takes_the_place_of_the_plans(sessions, admin, alice) -> None:
    admin.post("/quotas/alice/limits", kind="running", amount="20", reason="pays for it")
    assert brake_of(sessions, alice) is None
    assert "pays for it" in admin.get("/quotas/alice").text

    admin.post("/quotas/alice/limits/running/clear")
    assert brake_of(sessions, alice).level == "suspend_now"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"amount": "many"}, "is not a number of hours"),
        ({"amount": "2,5"}, "write 2.5"),
        ({"amount": "0"}, "must be more than 0"),
        ({"amount": "745"}, "Running hours: a grant is at most 744 h."),
        ({"kind": "dollars", "amount": "1000.01"}, "a grant is at most $1,000.00."),
        ({"kind": "wakes", "amount": "1001"}, "a grant is at most 1,000."),
        ({"kind": "storage", "amount": "1e2"}, "is not a number of GB"),
        ({"until": "soon"}, "Choose the last day"),
        ({"until": "2020-01-01"}, "lies in the past"),
        ({"reason": ""}, "A reason of 3 to 500"),
        ({"kind": "fun"}, "Choose what is to be changed"),
    ],
)
def test_a_wrong_grant_changes_nothing_and_keeps_what_was_typed(
    sessions, support, alice, form, words
) -> None:
    sent = {"kind": "running", "amount": "5", "until": UNTIL, "reason": "the reason I typed"}

    answer = support.post("/quotas/alice/grants", **{**sent, **form})

    assert answer.status_code == 422
    assert words in answer.text
    assert "reason" in form or "the reason I typed" in answer.text
    with sessions() as session:
        assert session.scalars(select(Grant)).all() == []


def test_the_machines_page_says_why_it_is_braked_and_dashes_the_button(admin, alice) -> None:
    page = admin.get("/machines/alice").text

    assert "Has used 10.5 of 10 running hours this month" in page
    assert "/quotas/alice" in page
    assert 'aria-disabled="true" title="alice has used 10.5 of 10 running hours' in page


def test_the_machines_page_is_quiet_below_the_warning(sessions, admin) -> None:
    with sessions.begin() as session:
        add(session, "bob", 1)

    assert "/quotas/bob" not in admin.get("/machines/bob").text


@pytest.fixture
def pro(sessions: Sessions) -> str:
    """A plan with two users who used 20 and 5 hours last month."""
    with sessions.begin() as session:
        plan = make_plan(session, key="pro", name="Pro")
        for handle, hours in (("bob", 20), ("carl", 5)):
            row = make_workspace(session, user=make_user(session, handle=handle, plan=plan))
            make_interval(session, row, LAST.start, hours * HOUR)
    return "pro"


TRIED = {"running": "10", "mode": "full", "overrun": "0", "idle": "20"}


def test_limits_are_tried_on_last_month_before_they_are_saved(sessions, admin, pro) -> None:
    query = "&".join(f"{name}={value}" for name, value in TRIED.items())

    page = admin.get(f"/plan-quotas/pro?{query}").text

    assert "would have suspended <b>1 user</b>" in page
    assert "/quotas/bob" in page
    assert "/quotas/carl" not in page
    assert f"≈ {LAST.first.day} {LAST.first:%B} 12:00" in page
    with sessions() as session:
        assert session.scalars(select(QuotaLimit)).all() == []


def test_a_plans_quotas_are_saved_with_a_reason(sessions, admin, pro) -> None:
    answer = admin.post("/plan-quotas/pro", **TRIED, dollars="4.5", reason="budget of December")

    assert answer.status_code == 303
    with sessions() as session:
        amounts = dict(session.execute(select(QuotaLimit.kind, QuotaLimit.amount)).all())
        plan = session.scalars(select(Plan).where(Plan.key == "pro")).one()
    assert amounts == {"running": 36_000, "dollars": 4_500_000_000}
    assert plan.idle_minutes == 20
    page = admin.get("/quotas").text
    assert "$4.50" in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"memory": "0.25"}, "none of them could start"),
        ({"overrun": "200"}, "0 to 100 percent"),
        ({"idle": "x"}, "not a whole number"),
        ({"mode": "hard"}, "Choose how far"),
        ({"reason": ""}, "A reason of 3 to 500"),
    ],
)
def test_a_contradictory_plan_is_refused(sessions, admin, pro, form, words) -> None:
    answer = admin.post("/plan-quotas/pro", **{**TRIED, "reason": "a test", **form})

    assert answer.status_code == 422
    assert words in answer.text
    with sessions() as session:
        assert session.scalars(select(QuotaLimit)).all() == []


READS = {"/quotas": "asf", "/quotas/alice": "asf", "/plan-quotas/pro": "af"}
CHANGES = {
    "/quotas/alice/grants": "as",
    "/quotas/alice/grants/1/revoke": "as",
    "/quotas/alice/exemptions": "as",
    "/quotas/alice/exemptions/1/end": "as",
    "/quotas/alice/limits": "a",
    "/quotas/alice/limits/running/clear": "a",
    "/plan-quotas/pro": "a",
}


@pytest.mark.parametrize("role", ["admin", "support", "finance"])
def test_each_route_asks_for_its_right(sign_in: SignIn, alice, pro, role: str) -> None:
    person = sign_in(role)

    for path, may in READS.items():
        assert (person.get(path).status_code == 403) is (role[0] not in may), path
    for path, may in CHANGES.items():
        assert (person.post(path).status_code == 403) is (role[0] not in may), path


def test_a_role_sees_no_form_it_may_not_send(sign_in: SignIn, alice, pro) -> None:
    finance = sign_in("finance")
    page = finance.get("/quotas/alice").text
    assert "Give the grant" not in page
    assert "Set the limit" not in page
    assert "Save for" not in finance.get("/plan-quotas/pro").text
    support = sign_in("support")
    assert "Give the grant" in support.get("/quotas/alice").text
    assert "/plan-quotas" not in support.get("/quotas").text


def test_an_empty_house_has_designed_pages(admin: Console) -> None:
    page = admin.get("/quotas").text

    assert "Nobody is near a limit" in page
    assert "No plans yet" in page


def test_more_users_cost_no_more_statements(sessions, admin, count_statements: Counting) -> None:
    with sessions.begin() as session:
        plan = add(session, "one", 9).plan
    with count_statements() as for_one:
        admin.get("/quotas")
    with sessions.begin() as session:
        for number in range(20):
            add(session, f"more-{number}", 9, plan=plan)

    with count_statements() as for_many:
        admin.get("/quotas")

    assert len(for_many) == len(for_one)


def test_a_plan_for_many_says_who_is_not_woken_and_why(sessions, admin, alice) -> None:
    with sessions.begin() as session:
        add(session, "bob", 1)

    page = admin.get("/bulk/wake?pick=alice&pick=bob").text

    assert "has used 10.5 of 10 running hours this month: cannot wake the machine" in page


def test_a_limit_that_is_lowered_below_the_use_of_a_sleeper_is_no_overshoot(
    sessions, admin, alice
) -> None:
    assert brake_of(sessions, alice).overshoot == 0
    assert "past the limit" not in admin.get("/machines/alice").text


def test_who_ran_on_a_grant_has_overshot_nothing_when_it_is_taken_back(sessions, support) -> None:
    with sessions.begin() as session:
        bob = add(session, "bob", 9, state=MachineState.STARTED).id
    support.post("/quotas/bob/grants", kind="running", amount="5", until=UNTIL, reason="a demo")
    with sessions.begin() as session:
        row = session.get_one(Workspace, bob)
        make_interval(session, row, Month.of(NOW).start + 9 * HOUR, 2 * HOUR)
        number = session.scalars(select(Grant.id)).one()

    support.post(f"/quotas/bob/grants/{number}/revoke")

    brake = brake_of(sessions, bob)
    assert (brake.level, brake.used, brake.overshoot) == ("suspend_now", 11 * 3600, 0)
    assert "past the limit" not in support.get("/quotas/bob").text


def test_the_history_names_the_quota_that_was_braked_in_its_unit(sessions, support, alice) -> None:
    with sessions.begin() as session:
        plan = session.get_one(Workspace, alice).plan
        quota_limits.set_for_plan(
            session, plan, {Kind.DOLLARS: 10**12}, by="Marta", reason="money too", now=NOW
        )
    # Of the two, the money is the fuller one afterwards.
    with sessions.begin() as session:
        session.get_one(Workspace, alice).month_nano = 7 * 10**11
    support.post("/quotas/alice/grants", kind="running", amount="50", until=UNTIL, reason="a demo")

    with sessions() as session:
        newest = session.scalars(select(BrakeEvent).order_by(BrakeEvent.id.desc())).first()
    assert (newest.level, newest.kind, newest.used) == ("none", "running", 37_800)
    assert newest.limit_amount == 60 * 3600
    history = support.get("/quotas/alice").text.partition('id="history"')[2]
    row = history.partition("Within limits")[2].partition("</tr>")[0]
    assert "Running hours" in row
    assert '<td class="j-num">10.5 h</td><td class="j-num">60 h</td>' in row


def test_an_id_stands_once_on_the_page(admin, alice) -> None:
    ids = re.findall(r'\sid="([^"]+)"', admin.get("/quotas/alice").text)

    assert len(ids) == len(set(ids))


def test_a_plans_quotas_belong_to_the_quotas_in_the_rail(admin, pro) -> None:
    page = admin.get("/plan-quotas/pro").text

    assert '<a href="/quotas" aria-current="page">' in page
    assert page.count('aria-current="page"') == 1


def test_the_list_offers_no_wake_that_a_quota_refuses(admin: Console, sessions: Sessions):
    with sessions.begin() as session:
        row = make_workspace(session, handle="alice", state="suspended")
        session.add(
            Brake(
                workspace_id=row.id,
                level="suspend_now",
                kind="running",
                since=datetime.now(UTC),
                reason="has used its hours",
                used=1,
                limit_amount=1,
                permille=1000,
            )
        )

    page = admin.get("/machines").text

    assert 'title="alice has used its hours">Wake</button>' in page
