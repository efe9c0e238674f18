"""/budgets/channels: adding, testing, and the log that follows."""

import re

import pytest
from sentry_sdk.scrubber import DEFAULT_DENYLIST
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import Channel, Delivery
from tests.factories import NOON
from tests.web.conftest import SignIn
from tests.web.console import Console

ADDRESS = "mailtos://marta:pa55word@mail.example.com?to=finance@example.com"
FORM = {"name": "Finance mail", "secret": ADDRESS, "kinds": ["budget"]}
POSTS = [
    "/budgets/channels",
    "/budgets/channels/1/test",
    "/budgets/channels/1/delete",
    "/budgets/channels/deliveries/1/retry",
]


@pytest.fixture
def channel(admin: Console) -> None:
    assert admin.post("/budgets/channels", **FORM).status_code == 303


def set_delivery(sessions: Sessions, **values) -> None:
    with sessions.begin() as session:
        row = session.scalars(select(Delivery)).one()
        for name, value in values.items():
            setattr(row, name, value)


def test_an_added_channel_is_shown_without_its_secret(
    admin: Console, channel: None, capfd: pytest.CaptureFixture[str]
):
    page = admin.get("/budgets/channels").text + admin.get("/audit").text

    assert "Mail, mail.example.com" in page
    assert "Finance mail" in page
    assert "pa55word" not in page + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"secret": "syslog://pa55word"}, "not among the services"),
        ({"secret": "slack://pa55word"}, "needs more than this address gives"),
        ({"secret": ADDRESS, "kinds": []}, "at least one kind"),
        ({"secret": ADDRESS, "name": ""}, "Give the channel a name"),
    ],
)
def test_what_cannot_be_is_refused_and_the_address_not_repeated(
    admin: Console, sessions: Sessions, changes: dict[str, object], said: str
):
    answer = admin.post("/budgets/channels", **{**FORM, **changes})

    assert answer.status_code == 422
    assert said in answer.text
    assert "pa55word" not in answer.text
    with sessions() as session:
        assert session.scalars(select(Channel)).all() == []


def test_a_test_waits_for_the_worker_and_its_result_appears(
    admin: Console, sessions: Sessions, channel: None
):
    asked = admin.post("/budgets/channels/1/test")
    waiting = admin.get("/budgets/channels", fragment=True).text
    set_delivery(
        sessions, state="failed", attempts=1, next_try=None, finished_at=NOON, error="Status 404."
    )
    done = admin.get("/budgets/channels", fragment=True).text

    assert asked.location.startswith("/budgets/channels")
    assert waiting.lstrip().startswith('<section class="card" id="deliveries"')
    assert "Waiting" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert "Status 404." in done
    assert "hx-trigger" not in done


def test_a_failed_delivery_is_tried_again(admin: Console, sessions: Sessions, channel: None):
    admin.post("/budgets/channels/1/test")
    set_delivery(sessions, state="failed", attempts=1, next_try=None)

    assert admin.post("/budgets/channels/deliveries/1/retry").status_code == 303
    with sessions() as session:
        row = session.scalars(select(Delivery)).one()
        assert (row.state, row.attempts) == ("queued", 0)

    set_delivery(sessions, state="sent")
    assert admin.post("/budgets/channels/deliveries/1/retry").status_code == 409


def test_a_deleted_channel_leaves_nothing_behind(admin: Console, sessions: Sessions, channel: None):
    admin.post("/budgets/channels/1/test")

    assert admin.post("/budgets/channels/1/delete").status_code == 303
    with sessions() as session:
        assert session.scalars(select(Channel)).all() == []
        assert session.scalars(select(Delivery)).all() == []
    assert "No channel yet" in admin.get("/budgets/channels").text


def test_finance_may_add_and_support_sees_nothing(sign_in: SignIn):
    assert sign_in("finance").post("/budgets/channels", **FORM).status_code == 303
    support = sign_in("support")
    assert support.get("/budgets/channels").status_code == 403
    assert [support.post(address, **FORM).status_code for address in POSTS] == [403] * len(POSTS)


def test_error_reports_leave_the_address_out(admin: Console):
    page = admin.get("/budgets/channels").text
    (field,) = re.findall(r'<input[^>]*id="address"[^>]*>', page)

    assert re.search(r'name="([^"]+)"', field)[1] in DEFAULT_DENYLIST


@pytest.mark.parametrize("address", POSTS)
def test_a_form_of_another_site_is_refused(admin: Console, channel: None, address: str):
    assert admin.post(address, **FORM, csrf_token="forged").status_code == 400
