"""The card of archives on a machine's page."""

from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.db import Sessions
from jarvis_admin.models import Archive, Workspace
from jarvis_admin.services import archives
from tests.factories import make_settings, make_workspace
from tests.services.test_archives import make_stored
from tests.web.conftest import SignIn
from tests.web.console import Console


@pytest.fixture
def alice(sessions: Sessions) -> Workspace:
    with sessions.begin() as session:
        return make_workspace(session, handle="alice")


def card(console: Console) -> str:
    page = console.get("/machines/alice").text
    return page[page.index('id="archives"') :].partition("</section>")[0]


def add(sessions: Sessions, workspace: Workspace, **given: object) -> Archive:
    with sessions.begin() as session:
        row = make_stored(session, session.merge(workspace), files=1234, bytes=5 * 10**9)
        for name, value in given.items():
            setattr(row, name, value)
        return row


def test_without_any_it_says_how_to_make_one(admin: Console, alice: Workspace) -> None:
    assert "No archives yet" in card(admin)


def test_an_archive_is_listed_with_what_it_holds(
    admin: Console, sessions: Sessions, alice: Workspace
) -> None:
    add(sessions, alice, snapshot_at=datetime.now(UTC) - timedelta(hours=3))

    shown = card(admin)

    assert "3 h ago" in shown
    assert "Stored" in shown
    assert "1,234" in shown
    assert "not yet" in shown


def test_a_damaged_one_says_so_in_words(
    admin: Console, sessions: Sessions, alice: Workspace
) -> None:
    row = add(sessions, alice)
    with sessions.begin() as session:
        archives.verified(session, row.id, "pack 1 was changed <b>.", datetime.now(UTC))

    shown = card(admin)

    assert "Damaged" in shown
    assert "pack 1 was changed &lt;b&gt;." in shown


def test_a_verified_one_says_when(admin: Console, sessions: Sessions, alice: Workspace) -> None:
    add(sessions, alice, verified_at=datetime.now(UTC) - timedelta(days=2))

    assert "2 d ago" in card(admin)


def test_a_failed_one_says_why(admin: Console, sessions: Sessions, alice: Workspace) -> None:
    with sessions.begin() as session:
        workspace = session.merge(alice)
        row = archives.begin(session, workspace, make_settings(), datetime.now(UTC))
        archives.failed(session, row.id, "The object store said no.", datetime.now(UTC))

    assert "The object store said no." in card(admin)


def test_finance_sees_it_and_may_not_ask_for_one(sign_in: SignIn, alice: Workspace) -> None:
    finance = sign_in("finance")

    assert "No archives yet" in card(finance)
    assert finance.post("/machines/alice/archive").status_code == 403


def test_a_stored_one_can_be_browsed_by_whom_it_may_concern(
    admin: Console, sign_in: SignIn, sessions: Sessions, alice: Workspace
) -> None:
    row = add(sessions, alice)

    assert f'href="/machines/alice/archives/{row.id}/files"' in card(admin)
    assert "Browse" not in card(sign_in("finance"))


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({}, "Not proven"),
        ({"proven_at": datetime.now(UTC) - timedelta(days=3)}, "3 d ago"),
        ({"drill_error": "It differs.", "drilled_at": datetime.now(UTC)}, "Drill failed"),
    ],
)
def test_each_says_whether_it_is_proven_restorable(
    admin: Console, sessions: Sessions, alice: Workspace, given: dict[str, object], word: str
) -> None:
    add(sessions, alice, **given)

    assert word in card(admin)


def test_support_may_drill_the_newest_and_finance_may_not(
    sign_in: SignIn, sessions: Sessions, alice: Workspace
) -> None:
    row = add(sessions, alice)

    assert f'name="archive" value="{row.id}">Drill<' in card(sign_in("support"))
    assert ">Drill<" not in card(sign_in("finance"))


def test_a_drill_under_way_is_shown_in_place_of_the_button(
    admin: Console, sessions: Sessions, alice: Workspace
) -> None:
    row = add(sessions, alice)
    admin.post("/backups/drills", archive=row.id)

    shown = card(admin)

    assert "Drill queued" in shown
    assert 'href="/operations/' in shown
    assert ">Drill<" not in shown
