"""/bulk/<verb>: a plan first, then exactly that."""

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import Operation
from tests.factories import make_workspace
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
    assert "above 2048 MB Fly stops it instead" in page
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


def test_nothing_picked_is_a_plan_without_a_button(admin: Console):
    page = admin.get("/bulk/wake").text

    assert "Wake 0 machines?" in page
    assert 'aria-disabled="true"' in page


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
