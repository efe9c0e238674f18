"""/bulk/<verb>: a plan first, then exactly that."""

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import Operation
from tests.factories import NOON, make_workspace
from tests.web.conftest import SignIn
from tests.web.console import Console

ALL = "pick=awake&pick=asleep&pick=busy&pick=large&pick=nobody"


@pytest.fixture(autouse=True)
def four(app: object, sessions: Sessions, admin: Console) -> None:
    with sessions() as session:
        make_workspace(session, handle="awake")
        make_workspace(session, handle="asleep", state="suspended")
        make_workspace(session, handle="busy")
        make_workspace(session, handle="large", size="shared-cpu-4x:4096MB")
        session.commit()
    admin.post("/machines/busy/backup")


def test_the_plan_says_who_is_acted_on_who_is_not_and_why(admin: Console, queue: list[object]):
    page = admin.get(f"/bulk/suspend?{ALL}").text

    assert "Suspend 1 machine?" in page
    assert 'name="pick" value="awake"' in page
    assert page.count('name="pick"') == 1
    assert "has a backup under way" in page
    assert "above 2048 MB Fly" in page
    assert len(queue) == 1


def test_confirming_acts_on_those_alone(admin: Console, sessions: Sessions, queue: list[Operation]):
    answer = admin.post(
        "/bulk/suspend", pick=["awake", "asleep", "busy", "large"], reason="month is close"
    )

    assert answer.location == "/machines"
    with sessions() as session:
        asked = session.scalars(select(Operation).where(Operation.kind == "suspend")).all()
    assert [(each.workspace_id, each.reason) for each in asked] == [
        (queue[-1].workspace_id, "month is close")
    ]
    assert "Suspending 1 machine is queued, 3 left as they are." in admin.get("/machines").text


def test_nothing_to_do_is_refused(admin: Console, queue: list[object]):
    answer = admin.post("/bulk/wake", pick=["awake"])

    assert answer.status_code == 409
    assert len(queue) == 1


@pytest.mark.parametrize("picked", ["", "?pick=awake"])
def test_a_plan_with_nothing_to_do_has_no_form(admin: Console, picked: str):
    page = admin.get(f"/bulk/wake{picked}").text

    assert "Wake 0 machines?" in page
    assert "There is nothing to do" in page
    assert 'name="key"' not in page
    assert "Back to the list" in page


def test_who_is_gone_is_named(admin: Console, sessions: Sessions):
    with sessions() as session:
        make_workspace(session, handle="left", state="destroyed", destroyed_at=NOON)
        session.commit()

    page = admin.get("/bulk/suspend?pick=awake&pick=left&pick=nobody").text

    assert "2 are gone:</b>" in page
    assert "left, nobody" in page


def test_the_same_form_twice_is_carried_out_once(
    admin: Console, sessions: Sessions, queue: list[Operation]
):
    page = admin.get("/bulk/suspend?pick=awake&pick=busy").text
    key = page.partition('name="key" value="')[2].partition('"')[0]

    for _ in range(2):
        answer = admin.post("/bulk/suspend", pick=["awake", "busy"], key=key, reason="night")
        assert answer.location == "/machines"

    assert [operation.kind for operation in queue] == ["backup", "suspend"]
    shown = admin.get("/machines").text
    assert shown.count("Suspending 1 machine is queued, 1 left as they are.") == 2


def test_a_refusal_leads_back_to_the_list(admin: Console):
    page = admin.post("/bulk/wake", pick=["awake"]).text

    assert 'href="/machines">Back to the machines<' in page


def test_a_reason_is_optional_where_nobody_is_interrupted(admin: Console):
    assert "(optional)" in admin.get("/bulk/backup?pick=awake").text
    assert "(optional)" not in admin.get("/bulk/suspend?pick=awake").text


def test_another_site_is_refused(admin: Console, queue: list[object]):
    assert admin.post("/bulk/suspend", pick=["awake"], csrf_token="forged").status_code == 400
    assert len(queue) == 1


def test_finance_makes_no_plans(sign_in: SignIn):
    assert sign_in("finance").get(f"/bulk/suspend?{ALL}").status_code == 403


def test_a_stranger_is_sent_to_sign_in(stranger: Console):
    assert stranger.get(f"/bulk/suspend?{ALL}").status_code == 303


@pytest.mark.parametrize("verb", ["stop", "restart", "destroy", "explode"])
def test_other_verbs_have_no_plan(admin: Console, verb: str):
    assert admin.get(f"/bulk/{verb}").status_code == 404
