"""The restore form, the page of a restore, the way back, and the end of the parking."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import (
    Archive,
    AuditEntry,
    Operation,
    Restore,
    Snapshot,
    UserKey,
    Workspace,
)
from tests.factories import make_workspace
from tests.web.conftest import SignIn
from tests.web.console import Console

NOW = datetime.now(UTC)
AT = "/machines/alice/restore"


@pytest.fixture
def alice(sessions: Sessions) -> Workspace:
    with sessions() as session:
        workspace = make_workspace(session, handle="alice")
        session.add(snapshot(workspace, "vs_new", hours=2))
        session.add(snapshot(workspace, "vs_old", hours=30))
        session.commit()
        return workspace


def snapshot(workspace: Workspace, number: str, hours: int) -> Snapshot:
    return Snapshot(
        id=number,
        workspace_id=workspace.id,
        volume_id=workspace.volume_id,
        status="created",
        size_bytes=410_000_000,
        retention_days=5,
        created_at=NOW - timedelta(hours=hours),
        expires_at=NOW + timedelta(days=4),
    )


def make_restore(sessions: Sessions, workspace: Workspace, **given: object) -> Restore:
    with sessions() as session:
        operation = Operation(
            id=f"{workspace.id}-restore-{given.get('id', 'r1')}",
            workspace_id=workspace.id,
            kind="restore",
            state="done",
            asked_by="Support Person",
            created_at=NOW,
            finished_at=NOW,
        )
        row = Restore(
            **{
                "id": "r1",
                "workspace_id": workspace.id,
                "operation_id": operation.id,
                "kind": "restore",
                "target": "here",
                "state": "done",
                "started_at": NOW,
                "finished_at": NOW,
                "volume_id": workspace.volume_id,
                "machine_id": workspace.machine_id,
                "parked_machine_id": "m-before",
                "parked_volume_id": "vol_before",
                "parked_at": NOW,
                "parked_until": NOW + timedelta(days=7),
                **given,
            }
        )
        session.add_all([operation, row])
        session.commit()
        return row


def test_the_form_offers_the_newest_point_and_says_what_changes(
    sign_in: SignIn, alice: Workspace
) -> None:
    page = sign_in("support").get(AT).text

    assert 'value="vs_new" checked' in page
    assert "loses what changed in the last 2 h" in page
    assert "Interrupts" in page
    assert "$0.01 a day" in page
    assert "Restore and park the old" in page


def test_another_choice_shows_what_it_loses(sign_in: SignIn, alice: Workspace) -> None:
    page = sign_in("support").get(f"{AT}?kind=factory").text

    assert "Make factory new and park the old" in page
    assert "all files and settings" in page
    assert 'name="point"' not in page


def test_without_a_backup_a_restore_cannot_be_chosen(admin: Console, sessions: Sessions) -> None:
    with sessions() as session:
        make_workspace(session, handle="bob")
        session.commit()

    page = admin.get("/machines/bob/restore").text

    assert "There is no backup yet" in page
    assert 'value="fresh_machine" checked' in page


def test_a_restore_is_asked_for_once_with_its_audit(
    sign_in: SignIn, sessions: Sessions, alice: Workspace, queue: list[Operation]
) -> None:
    support = sign_in("support")
    form = {"kind": "restore", "point": "vs_old", "reason": "asked for", "key": "0123456789abcdef"}

    first = support.post(AT, **form)
    second = support.post(AT, **form)

    with sessions() as session:
        row = session.scalars(select(Restore)).one()
        entry = session.scalars(select(AuditEntry)).one()
        assert session.get_one(Operation, row.operation_id).arguments["snapshot"] == "vs_old"
    assert first.location == second.location == f"/machines/alice/restores/{row.id}"
    assert (entry.action, entry.actor, entry.reason) == ("restore", "Support Person", "asked for")
    assert entry.details == {"kind": "restore", "snapshot": "vs_old"}
    assert len(queue) == 1


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"kind": "restore", "point": "vs_new", "reason": ""}, "A reason of 3 to 500"),
        ({"kind": "restore", "point": "vs_gone", "reason": "why not"}, "not among those"),
        ({"kind": "undo", "reason": "why not"}, "The way back is asked for"),
        ({"kind": "everything", "reason": "why not"}, "is damaged"),
        ({"kind": "fresh_files", "region": "mars", "reason": "why"}, "Fly has no region mars"),
    ],
)
def test_bad_input_gets_a_sentence_and_changes_nothing(
    admin: Console,
    alice: Workspace,
    queue: list[Operation],
    form: dict[str, str],
    sentence: str,
) -> None:
    answer = admin.post(AT, **form)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert queue == []


def test_a_busy_workspace_is_not_restored(
    admin: Console, alice: Workspace, queue: list[Operation]
) -> None:
    admin.post("/machines/alice/stop")

    answer = admin.post(AT, kind="fresh_files", reason="why not")

    assert answer.status_code == 409
    assert "has a stop under way" in answer.text


def test_the_page_shows_the_way_back_and_what_is_parked(
    sign_in: SignIn, sessions: Sessions, alice: Workspace
) -> None:
    make_restore(sessions, alice, compared_files=18402)

    page = sign_in("support").get("/machines/alice/restores/r1").text

    assert "The way back is open for 6 d 23 h" in page
    assert "18,402 files match" in page
    assert "vol_before" in page
    assert "Go back to the old files" in page
    assert 'hx-trigger="every 2s"' not in page


def test_finance_sees_it_and_can_do_nothing(
    sign_in: SignIn, sessions: Sessions, alice: Workspace
) -> None:
    make_restore(sessions, alice)
    finance = sign_in("finance")

    page = finance.get("/machines/alice/restores/r1")

    assert page.status_code == 200
    assert "Go back to the old files" not in page.text
    assert finance.get(AT).status_code == 403
    assert finance.post(f"{AT}s/r1/back").status_code == 403
    assert finance.post(f"{AT}s/r1/end", handle="alice", reason="why not").status_code == 403


def test_going_back_is_one_click(
    sign_in: SignIn, sessions: Sessions, alice: Workspace, queue: list[Operation]
) -> None:
    make_restore(sessions, alice)

    answer = sign_in("support").post(f"{AT}s/r1/back")

    with sessions() as session:
        undo = session.scalars(select(Restore).where(Restore.undoes_id == "r1")).one()
    assert answer.location == f"/machines/alice/restores/{undo.id}"
    assert [one.kind for one in queue] == ["undo"]


def test_only_the_newest_has_a_way_back(
    admin: Console, sessions: Sessions, alice: Workspace, queue: list[Operation]
) -> None:
    make_restore(sessions, alice, machine_id="m-older")

    answer = admin.post(f"{AT}s/r1/back")

    assert (answer.status_code, queue) == (409, [])
    assert "Something newer has taken over" in answer.text


def prove(sessions: Sessions, workspace: Workspace) -> None:
    with sessions() as session:
        key = UserKey(
            user_id=workspace.user_id,
            wrapped="",
            check="",
            master_check="",
            created_at=NOW,
            wrapped_at=NOW,
        )
        session.add(key)
        session.flush()
        session.add(
            Archive(
                id="a1",
                workspace_id=workspace.id,
                key_id=key.id,
                state="stored",
                folder="f",
                started_at=NOW,
                proven_at=NOW,
            )
        )
        session.commit()


def test_the_end_of_parking_wants_the_handle_typed(
    sign_in: SignIn, sessions: Sessions, alice: Workspace, queue: list[Operation]
) -> None:
    make_restore(sessions, alice)
    prove(sessions, alice)
    support = sign_in("support")

    refused = support.post(f"{AT}s/r1/end", handle="bob", reason="not needed")
    assert (refused.status_code, queue) == (422, [])
    assert "Type alice to say whose old files are meant." in refused.text

    done = support.post(f"{AT}s/r1/end", handle="alice", reason="not needed")

    assert done.status_code == 303
    assert queue[0].arguments == {"restore": "r1", "how": "ended"}


def test_the_end_of_parking_wants_a_proven_backup(
    sign_in: SignIn, sessions: Sessions, alice: Workspace, queue: list[Operation]
) -> None:
    make_restore(sessions, alice)
    form = {"handle": "alice", "reason": "not needed", "without_proof": "1"}

    refused = sign_in("support").post(f"{AT}s/r1/end", **form)
    assert (refused.status_code, queue) == (422, [])
    assert "There is no backup of alice outside of Fly." in refused.text
    assert "Archive now" in refused.text

    assert sign_in("admin").post(f"{AT}s/r1/end", **form).status_code == 303
    with sessions() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert entry.details == {"without_proof": "There is no backup of alice outside of Fly."}


def test_what_has_ended_has_no_way_back(
    admin: Console, sessions: Sessions, alice: Workspace, queue: list[Operation]
) -> None:
    make_restore(sessions, alice, parking_ended_at=NOW, parking_end="expired")

    assert "was deleted when its time was over" in admin.get("/machines/alice/restores/r1").text
    assert admin.post(f"{AT}s/r1/back").status_code == 409
    assert admin.get(f"{AT}s/r1/end").status_code == 409
    assert queue == []


def test_one_who_is_not_here_and_another_users_restore_are_not_found(
    admin: Console, sessions: Sessions, alice: Workspace
) -> None:
    make_restore(sessions, alice)
    with sessions() as session:
        make_workspace(session, handle="bob")
        session.commit()

    assert admin.get("/machines/nobody/restore").status_code == 404
    assert admin.get("/machines/bob/restores/r1").status_code == 404


def test_the_machines_page_shows_what_is_parked(
    admin: Console, sessions: Sessions, alice: Workspace
) -> None:
    make_restore(sessions, alice)

    page = admin.get("/machines/alice").text

    assert "Parked for the way back" in page
    assert 'href="/machines/alice/restores/r1"' in page
    assert 'href="/machines/alice/restore"' in page


def test_strangers_sign_in_first(stranger: Console, alice: Workspace) -> None:
    assert stranger.get(AT).location.startswith("/sign-in")


def test_a_scratch_machine_is_asked_for_and_removed(
    sign_in: SignIn, sessions: Sessions, alice: Workspace, queue: list[Operation]
) -> None:
    prove(sessions, alice)
    support = sign_in("support")
    page = support.get(f"{AT}?kind=restore&point=a1&target=scratch").text
    assert "Make a scratch machine" in page
    assert "nothing: alice goes on as it is" in page

    form = {"kind": "restore", "point": "a1", "target": "scratch", "reason": "to look first"}
    at = support.post(AT, **form).location

    assert [one.kind for one in queue] == ["scratch"]
    with sessions() as session:
        row = session.scalars(select(Restore)).one()
        row.state, row.expires_at = "done", NOW + timedelta(hours=2)
        row.app_name, row.machine_id = "jv-test-s", "m-s"
        session.commit()
    page = support.get(at).text
    assert "fly ssh console -a jv-test-s" in page
    assert support.post(f"{at}/remove").status_code == 303
    assert [one.kind for one in queue] == ["scratch", "end_scratch"]


def test_a_snapshot_is_not_offered_a_scratch_machine(admin: Console, alice: Workspace) -> None:
    page = admin.get(f"{AT}?kind=restore&point=vs_new&target=scratch").text

    assert "From archives only" in page
    assert "Restore and park the old" in page
