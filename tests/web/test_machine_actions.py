"""POST /machines/<handle>/<verb>, and the pages that ask first."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import AuditEntry, Operation, Workspace
from tests.factories import make_workspace
from tests.services.test_archives import make_stored
from tests.web.conftest import SignIn
from tests.web.console import Console

VERBS = [
    ("wake", "suspended", "start"),
    ("wake", "stopped", "start"),
    ("suspend", "started", "suspend"),
    ("stop", "started", "stop"),
    ("stop", "suspended", "stop"),
    ("restart", "started", "restart"),
    ("backup", "suspended", "backup"),
    ("archive", "suspended", "archive"),
]
REFUSED = [
    ("wake", "started", "alice is started: cannot wake it."),
    ("suspend", "stopped", "alice is stopped: cannot suspend it."),
    ("stop", "stopped", "alice is stopped: cannot stop it."),
    ("restart", "suspended", "alice is suspended: cannot restart it."),
    ("backup", "starting", "alice is starting: cannot back up it."),
    ("archive", "starting", "alice is starting: cannot archive it."),
]


@pytest.fixture
def alice(sessions: Sessions) -> Workspace:
    with sessions() as session:
        workspace = make_workspace(session, handle="alice")
        session.commit()
        return workspace


@pytest.fixture
def proven(sessions: Sessions, alice: Workspace) -> None:
    """Her newest backup was restored an hour ago."""
    with sessions.begin() as session:
        backup = make_stored(session, session.merge(alice))
        backup.proven_at = datetime.now(UTC) - timedelta(hours=1)


def set_state(sessions: Sessions, workspace: Workspace, state: str) -> None:
    with sessions() as session:
        session.get_one(Workspace, workspace.id).state = state
        session.commit()


@pytest.mark.parametrize(("verb", "state", "kind"), VERBS)
def test_a_click_writes_operation_and_audit_and_fills_the_queue(
    admin: Console,
    sessions: Sessions,
    alice: Workspace,
    queue: list[Operation],
    verb: str,
    state: str,
    kind: str,
):
    set_state(sessions, alice, state)

    answer = admin.post(f"/machines/alice/{verb}", fragment=True)

    assert answer.status_code == 200
    with sessions() as session:
        operation = session.scalars(select(Operation)).one()
        entry = session.scalars(select(AuditEntry)).one()
    assert (operation.kind, operation.state, operation.asked_by) == (kind, "queued", "Admin Person")
    assert (entry.action, entry.subject, entry.actor) == (kind, "alice", "Admin Person")
    assert [queued.id for queued in queue] == [operation.id]


def test_the_answer_is_the_rows_new_look_and_a_toast(
    admin: Console, sessions: Sessions, alice: Workspace
):
    set_state(sessions, alice, "suspended")

    answer = admin.post("/machines/alice/wake", fragment=True)

    assert answer.text.lstrip().startswith('<tr id="m-alice"')
    assert 'data-state="queued">Wake' in answer.text
    assert 'hx-target="#toasts"' in answer.text
    assert "Wake of alice is queued." in answer.text


def test_without_script_it_leads_to_the_machine_and_says_what_was_done(
    admin: Console, sessions: Sessions, alice: Workspace
):
    set_state(sessions, alice, "suspended")

    answer = admin.post("/machines/alice/wake")

    assert answer.status_code == 303
    assert answer.location == "/machines/alice"
    assert "Wake of alice is queued." in admin.get("/machines/alice").text


@pytest.mark.parametrize(("verb", "state", "why"), REFUSED)
def test_the_wrong_state_is_refused_with_a_sentence(
    admin: Console,
    sessions: Sessions,
    alice: Workspace,
    queue: list[Operation],
    verb: str,
    state: str,
    why: str,
):
    set_state(sessions, alice, state)

    answer = admin.post(f"/machines/alice/{verb}", fragment=True)

    assert answer.status_code == 409
    assert answer.headers["HX-Reswap"] == "none"
    assert why in answer.text
    assert queue == []


def test_a_refusal_without_script_is_a_page(admin: Console, alice: Workspace):
    answer = admin.post("/machines/alice/wake")

    assert answer.status_code == 409
    assert "<html" in answer.text
    assert "alice is started: cannot wake it." in answer.text
    assert 'href="/machines/alice">Back to alice<' in answer.text


def test_stopping_a_suspended_machine_asks_first(
    admin: Console, sessions: Sessions, alice: Workspace
):
    set_state(sessions, alice, "suspended")

    for page in (admin.get("/machines").text, admin.get("/machines/alice").text):
        assert 'href="/machines/alice/stop"' in page
        assert 'formaction="/machines/alice/stop"' not in page
    assert "What its memory holds is lost" in admin.get("/machines/alice/stop").text


@pytest.mark.parametrize("fragment", [True, False])
def test_the_same_dialog_twice_is_one_operation(
    admin: Console, alice: Workspace, queue: list[Operation], fragment: bool
):
    dialog = admin.get("/machines/alice/stop?row=1", fragment=True).text
    key = dialog.partition('name="key" value="')[2].partition('"')[0]

    answers = [
        admin.post("/machines/alice/stop", fragment=fragment, key=key).status_code for _ in "ab"
    ]

    assert answers == [200, 200] if fragment else [303, 303]
    assert len(queue) == 1


def test_destroying_twice_with_one_form_is_one_operation(
    admin: Console, proven: None, queue: list[Operation]
):
    form = admin.get("/machines/alice/destroy").text
    key = form.partition('name="key" value="')[2].partition('"')[0]

    for _ in range(2):
        answer = admin.post("/machines/alice/destroy", handle="alice", reason="left us", key=key)
        assert answer.location == "/machines/alice"

    assert len(queue) == 1
    assert "Destroy of alice was asked for." in admin.get("/machines/alice").text


@pytest.mark.parametrize("key", ["", "short", "../../../../etc/p", "0123456789ABCDEF"])
def test_a_key_that_is_not_ours_is_none(
    admin: Console, alice: Workspace, queue: list[Operation], key: str
):
    admin.post("/machines/alice/backup", key=key)

    assert not key or not queue[0].id.endswith(key)


def test_a_second_click_meets_the_first(
    admin: Console, sessions: Sessions, alice: Workspace, queue: list[Operation]
):
    admin.post("/machines/alice/backup", fragment=True)

    answer = admin.post("/machines/alice/suspend", fragment=True)

    assert answer.status_code == 409
    assert "alice has a backup under way, asked by Admin Person" in answer.text
    assert len(queue) == 1


def test_an_unknown_machine_is_not_found(admin: Console):
    answer = admin.post("/machines/nobody/wake", fragment=True)

    assert answer.status_code == 404
    assert "There is no machine of nobody." in answer.text


def test_an_unknown_verb_is_not_found(admin: Console, alice: Workspace):
    assert admin.post("/machines/alice/explode").status_code == 404


@pytest.mark.parametrize("verb", ["wake", "backup"])
def test_what_interrupts_nobody_has_no_page_that_asks(admin: Console, alice: Workspace, verb: str):
    assert admin.get(f"/machines/alice/{verb}").status_code == 405


@pytest.mark.parametrize("verb", ["suspend", "stop", "restart"])
def test_what_interrupts_asks_first_and_names_the_user(
    admin: Console, sessions: Sessions, alice: Workspace, queue: list[Operation], verb: str
):
    page = admin.get(f"/machines/alice/{verb}")
    dialog = admin.get(f"/machines/alice/{verb}?row=1", fragment=True)

    for asked in (page, dialog):
        assert "may be working in this machine" in asked.text
        assert alice.user is not None
        assert alice.user.name in asked.text
        assert f'action="/machines/alice/{verb}"' in asked.text
    assert "<html" in page.text
    assert "<html" not in dialog.text
    assert 'hx-target="#m-alice"' in dialog.text
    assert queue == []


def test_asking_for_what_cannot_be_done_is_refused_at_once(
    admin: Console, sessions: Sessions, alice: Workspace
):
    set_state(sessions, alice, "stopped")

    assert admin.get("/machines/alice/suspend", fragment=True).status_code == 409


def test_cancel_asks_the_worker_to_stop(admin: Console, sessions: Sessions, alice: Workspace):
    admin.post("/machines/alice/backup")

    answer = admin.post("/machines/alice/cancel")

    assert answer.location == "/machines/alice"
    with sessions() as session:
        assert session.scalars(select(Operation)).one().cancel_requested
    assert "Stops before the next step" in admin.get("/machines/alice").text


def test_there_is_nothing_to_cancel_when_nothing_is_under_way(admin: Console, alice: Workspace):
    answer = admin.post("/machines/alice/cancel", fragment=True)

    assert answer.status_code == 409
    assert "nothing under way" in answer.text


def test_destroy_wants_the_handle_and_a_reason(
    admin: Console, sessions: Sessions, proven: None, queue: list[Operation]
):
    answer = admin.post("/machines/alice/destroy", handle="alice", reason="left us")

    assert answer.location == "/machines/alice"
    with sessions() as session:
        operation = session.scalars(select(Operation)).one()
        entry = session.scalars(select(AuditEntry)).one()
    assert (operation.kind, operation.reason) == ("destroy", "left us")
    assert entry.details == {}
    assert len(queue) == 1


def test_without_a_proven_backup_nothing_is_destroyed_and_the_form_says_how_to_mend_it(
    admin: Console, alice: Workspace, queue: list[Operation]
):
    answer = admin.post("/machines/alice/destroy", handle="alice", reason="left us")

    assert answer.status_code == 422
    assert "There is no backup of alice outside of Fly. Nothing was destroyed." in answer.text
    assert 'action="/machines/alice/archive"' in answer.text
    assert "Drill now" not in answer.text
    assert 'name="without_proof"' in answer.text
    assert queue == []


def test_an_unproven_backup_can_be_drilled_from_the_form(
    admin: Console, sessions: Sessions, alice: Workspace
):
    with sessions.begin() as session:
        backup = make_stored(session, session.merge(alice))

    page = admin.get("/machines/alice/destroy").text

    assert "was never proven restorable" in page
    assert 'action="/backups/drills"' in page
    assert f'name="archive" value="{backup.id}"' in page


def test_a_proven_one_asks_for_no_override(admin: Console, proven: None):
    page = admin.get("/machines/alice/destroy").text

    assert "without_proof" not in page
    assert "Proven" in page


def test_the_override_with_its_reason_goes_into_the_audit_trail(
    admin: Console, sessions: Sessions, alice: Workspace, queue: list[Operation]
):
    admin.post("/machines/alice/destroy", handle="alice", reason="a test user", without_proof="1")

    with sessions() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.reason) == ("destroy", "a test user")
    assert entry.details == {"without_proof": "There is no backup of alice outside of Fly."}
    assert len(queue) == 1


@pytest.mark.parametrize(
    ("handle", "reason", "why"),
    [
        ("alicia", "left us", "Type alice to say which machine is meant."),
        ("", "left us", "Type alice to say which machine is meant."),
        ("alice", "", "A reason of 3 to 500 characters"),
        ("alice", "x" * 501, "A reason of 3 to 500 characters"),
    ],
)
def test_a_destroy_that_was_not_meant_is_not_done(
    admin: Console,
    alice: Workspace,
    queue: list[Operation],
    handle: str,
    reason: str,
    why: str,
):
    answer = admin.post("/machines/alice/destroy", handle=handle, reason=reason)

    assert answer.status_code == 422
    assert why in answer.text
    assert queue == []


def test_the_destroy_page_says_what_is_lost(admin: Console, alice: Workspace):
    page = admin.get("/machines/alice/destroy").text

    assert alice.app_name in page
    assert "all its snapshots" in page
    assert "Destroy alice and all files" in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_support_destroys_nothing(
    sign_in: SignIn, alice: Workspace, queue: list[Operation], method: str
):
    support = sign_in("support")

    answer = (
        support.get("/machines/alice/destroy")
        if method == "get"
        else support.post("/machines/alice/destroy", handle="alice", reason="because")
    )

    assert answer.status_code == 403
    assert queue == []


def test_support_acts(sign_in: SignIn, alice: Workspace, queue: list[Operation]):
    sign_in("support").post("/machines/alice/suspend", fragment=True)

    assert [operation.kind for operation in queue] == ["suspend"]
