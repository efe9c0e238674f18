"""/operations, one operation, and cancelling it."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import AuditEntry, Operation
from jarvis_admin.services import fleet, operation_list
from tests.factories import make_workspace
from tests.fleets import make_operation, make_step
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console

Counting = Callable[[], AbstractContextManager[list[str]]]
LABEL = "Operations, scrolls sideways"


@pytest.fixture
def running(sessions: Sessions) -> str:
    """A backup of alice's machine at its second step."""
    now = datetime.now(UTC)
    with sessions() as session:
        row = make_workspace(session, handle="alice")
        operation = make_operation(
            session,
            row,
            kind="backup",
            state="running",
            reason="case 4127",
            created_at=now - timedelta(minutes=2),
        )
        ended = now - timedelta(minutes=1)
        make_step(session, operation, "Snapshot the volume", state="done", finished_at=ended)
        make_step(session, operation, "Wait for it", position=2, attempts=3, note="Fly said 503")
        session.commit()
        return operation.id


def seed(sessions: Sessions, count: int, **given: object) -> None:
    now = datetime.now(UTC)
    with sessions() as session:
        row = make_workspace(session)
        for number in range(count):
            make_operation(session, row, created_at=now - timedelta(minutes=number), **given)
        session.commit()


def test_a_row_says_what_where_who_and_how_long(admin: Console, running: str):
    (row,) = tables.rows(admin.get("/operations").text, LABEL)[1:]

    assert row[:5] == ["Backup", "alice", "Running", "Wait for it", "Marta Keller case 4127"]
    assert row[5].startswith("2 min 0")
    assert row[6] == "2 min ago"


def test_a_failure_says_why(admin: Console, sessions: Sessions):
    seed(sessions, 1, state="failed", error="Fly refused: no capacity in fra.")

    page = admin.get("/operations?q=state:failed").text

    assert tables.rows(page, LABEL)[1][3] == "Fly refused: no capacity in fra."
    assert "1 in 24 h" in page


def test_tabs_ask_for_states_and_keep_the_rest_of_the_question(admin: Console, running: str):
    page = admin.get("/operations?q=alice+state:failed").text

    assert 'aria-current="page">Failed' in page
    active = re.search(r'href="([^"]*)"[^>]*>Active', page)[1]
    assert active.replace("%2C", ",").replace("%3A", ":").endswith("q=state:queued,running+alice")
    assert tables.rows(admin.get(active.replace("&amp;", "&")).text, LABEL)[1][1] == "alice"


def test_a_query_that_cannot_be_read_points_at_the_word(admin: Console):
    answer = admin.get("/operations?q=stat:failed")

    assert answer.status_code == 422
    assert "Did you mean state:failed?" in tables.words(answer.text)


def test_nothing_found_offers_to_ask_for_less(admin: Console, running: str):
    page = admin.get("/operations?q=alice+state:failed").text

    assert "No operation matches alice state:failed" in page
    assert tables.link(page, "Drop state:failed") == "/operations?q=alice"


def test_an_empty_console_says_what_will_be_here(admin: Console):
    assert "No operations yet" in admin.get("/operations").text


def test_pages_show_each_once(admin: Console, sessions: Sessions):
    seed(sessions, operation_list.PAGE + 7)

    seen, address = [], "/operations"
    while address:
        page = admin.get(address).text
        seen += re.findall(r'<tr id="op-([^"]+)"', page)
        address = tables.link(page, "Older") if ">Older<" in page else ""

    assert len(seen) == len(set(seen)) == operation_list.PAGE + 7


@pytest.mark.parametrize("after", ["x", "2026-11-23", "~", "2026-99-01~1"])
def test_a_damaged_address_is_a_clear_page(admin: Console, after: str):
    answer = admin.get(f"/operations?after={after}")

    assert answer.status_code in (200, 422)
    assert (answer.status_code == 200) == (after == "2026-11-23")


def test_one_operation_shows_its_steps(admin: Console, running: str):
    page = admin.get(f"/operations/{running}").text

    steps = page.partition('class="j-run"')[2].partition("</ol>")[0]
    first, second = (tables.words(f"<li{part}") for part in steps.split("<li")[1:])
    assert first.startswith("Snapshot the volume")
    assert second == "Wait for it Fly said 503 try 3"
    assert "case 4127" in page
    assert f'hx-get="/operations/{running}"' in page


def test_it_stops_asking_when_it_has_finished(admin: Console, sessions: Sessions, running: str):
    with sessions() as session:
        operation = session.get_one(Operation, running)
        operation.state, operation.finished_at = "done", datetime.now(UTC)
        session.commit()

    card = admin.get(f"/operations/{running}", fragment=True).text

    assert card.lstrip().startswith("<section")
    assert "hx-trigger" not in card
    assert "Cancel" not in card


def test_an_operation_that_is_not_there_is_not_found(admin: Console):
    assert admin.get("/operations/1-start-x").status_code == 404


def test_cancelling_is_asked_recorded_and_shown(admin: Console, sessions: Sessions, running: str):
    answer = admin.post(f"/operations/{running}/cancel")

    assert answer.status_code == 303
    assert answer.location == f"/operations/{running}"
    with sessions() as session:
        assert session.get_one(Operation, running).cancel_requested
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.actor, entry.action, entry.subject) == ("Admin Person", "cancel", "alice")
    page = admin.get(answer.location).text
    assert "Backup of alice stops before its next step." in page
    assert "Stops before the next step" in page
    assert "Cancelling" in admin.get("/operations").text


def test_what_has_ended_cannot_be_cancelled(admin: Console, sessions: Sessions):
    seed(sessions, 1)
    with sessions() as session:
        operation = session.scalars(select(Operation)).one()

    answer = admin.post(f"/operations/{operation.id}/cancel")

    assert answer.status_code == 409
    assert "is done already" in answer.text


def test_finance_reads_and_cancels_nothing(sign_in: SignIn, running: str):
    finance = sign_in("finance")

    assert "Cancel" not in finance.get(f"/operations/{running}").text
    assert finance.post(f"/operations/{running}/cancel").status_code == 403


def test_a_form_of_another_site_cancels_nothing(admin: Console, running: str):
    assert admin.post(f"/operations/{running}/cancel", csrf_token="forged").status_code == 400


def test_cancel_is_posted(admin: Console, running: str):
    assert admin.get(f"/operations/{running}/cancel").status_code == 405


@pytest.mark.parametrize("page", ["/operations", "/operations/1"])
def test_a_stranger_is_sent_to_sign_in(stranger: Console, page: str):
    assert stranger.get(page).location.startswith("/sign-in")


def test_without_a_role_there_is_nothing_to_see(sign_in: SignIn):
    assert sign_in().get("/operations").status_code == 403


def test_an_unchanged_list_answers_304(admin: Console, sessions: Sessions, running: str):
    etag = admin.get("/operations", fragment=True).headers["ETag"]
    unchanged = admin.get("/operations", fragment=True, If_None_Match=etag)
    with sessions() as session:
        fleet.bump(session)
        session.commit()

    # The minute is part of it, and may have turned in between.
    assert unchanged.status_code == 304 or unchanged.headers["ETag"] != etag
    assert admin.get("/operations", fragment=True, If_None_Match=etag).status_code == 200


@pytest.mark.parametrize("asked", ["", "q=by:marta", "q=state:done"])
def test_more_operations_cost_no_more_statements(
    admin: Console, sessions: Sessions, count_statements: Counting, asked: str
):
    seed(sessions, 1)
    with count_statements() as for_one:
        admin.get(f"/operations?{asked}")

    seed(sessions, 30)
    with count_statements() as for_many:
        admin.get(f"/operations?{asked}")

    assert len(for_many) == len(for_one)


def test_what_an_address_says_beyond_the_query_is_ignored(admin: Console):
    for address in ("/operations?state=bogus", "/costs?day=never", "/costs?explain=all"):
        assert admin.get(address).status_code == 200


def test_an_unknown_state_in_the_query_is_a_sentence(admin: Console):
    assert admin.get("/operations?q=state:bogus").status_code == 422
