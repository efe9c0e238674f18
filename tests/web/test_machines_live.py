"""The live parts of pages: fragments, ETags, the age of the data."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.db import Sessions
from jarvis_admin.models import Fleet
from jarvis_admin.services import fleet
from tests.factories import make_workspace
from tests.web.conftest import SignIn
from tests.web.console import Console

PAGES = ["/machines", "/machines/alice", "/quotas"]


@pytest.fixture(autouse=True)
def alice(sessions: Sessions) -> None:
    with sessions() as session:
        make_workspace(session, handle="alice")
        session.get_one(Fleet, 1).synced_at = datetime.now(UTC)
        session.commit()


@pytest.mark.parametrize("page", PAGES)
def test_page_and_fragment_come_from_one_address(admin: Console, page: str):
    whole, part = admin.get(page), admin.get(page, fragment=True)

    assert whole.text.lstrip().startswith("<!doctype html>")
    assert "<html" not in part.text
    assert "data-live" in part.text
    assert "HX-Request" in whole.headers["Vary"]
    assert "HX-Request" in part.headers["Vary"]


@pytest.mark.parametrize("header", ["HX_Boosted", "HX_History_Restore_Request"])
def test_a_boosted_link_and_a_history_restore_get_the_whole_page(admin: Console, header: str):
    answer = admin.get("/machines", fragment=True, **{header: "true"})

    assert "<html" in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_an_unchanged_fragment_is_not_sent_again(
    admin: Console,
    page: str,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
):
    etag = admin.get(page, fragment=True).headers["ETag"]

    with count_statements() as statements:
        answer = admin.get(page, fragment=True, If_None_Match=etag)

    assert answer.status_code == 304
    assert answer.text == ""
    assert "X-Data-Age" in answer.headers
    # Decided before any row is read: who asks and the fleet's revision are one statement.
    assert sum(statement.lstrip().startswith("SELECT") for statement in statements) == 1


@pytest.mark.parametrize("page", PAGES)
def test_the_page_carries_the_etag_of_its_first_poll(admin: Console, page: str):
    etag = admin.get(page, fragment=True).headers["ETag"]

    assert f"data-etag='{etag}'" in admin.get(page).text


def test_a_change_in_the_fleet_makes_the_etag_old(admin: Console, sessions: Sessions):
    etag = admin.get("/machines", fragment=True).headers["ETag"]
    with sessions() as session:
        fleet.bump(session)
        session.commit()

    assert admin.get("/machines", fragment=True, If_None_Match=etag).status_code == 200


def test_another_query_has_another_etag(admin: Console):
    etag = admin.get("/machines", fragment=True).headers["ETag"]

    answer = admin.get("/machines?q=bob", fragment=True, If_None_Match=etag)

    assert answer.status_code == 200


def test_another_role_has_another_etag(admin: Console, sign_in: SignIn):
    etag = admin.get("/machines", fragment=True).headers["ETag"]

    answer = sign_in("finance").get("/machines", fragment=True, If_None_Match=etag)

    assert answer.status_code == 200


def test_an_action_of_ones_own_is_seen_by_the_next_poll(admin: Console):
    etag = admin.get("/machines", fragment=True).headers["ETag"]
    admin.post("/machines/alice/suspend", fragment=True)

    answer = admin.get("/machines", fragment=True, If_None_Match=etag)

    assert answer.status_code == 200
    assert "Suspend under way" in answer.text


def test_a_page_is_never_kept_and_a_fragment_always_asked_for_again(admin: Console):
    assert admin.get("/machines").headers["Cache-Control"] == "no-store"
    fragment = admin.get("/machines", fragment=True)
    assert fragment.headers["Cache-Control"] == "private, no-cache"


def test_the_fragment_holds_no_form_token(admin: Console):
    assert "csrf_token" not in admin.get("/machines", fragment=True).text


def test_lateness_is_said_also_when_nothing_else_changed(admin: Console, sessions: Sessions):
    etag = admin.get("/machines", fragment=True).headers["ETag"]
    with sessions() as session:
        session.get_one(Fleet, 1).synced_at = datetime.now(UTC) - timedelta(minutes=10)
        session.commit()

    answer = admin.get("/machines", fragment=True, If_None_Match=etag)

    assert answer.status_code == 200
    assert answer.headers["X-Data-Late"].startswith("Not read from Fly since")
    assert 600 <= int(answer.headers["X-Data-Age"]) < 660


@pytest.mark.parametrize("page", [*PAGES, "/quotas/alice"])
def test_a_silent_fly_is_said_with_since_when(admin: Console, sessions: Sessions, page: str):
    with sessions() as session:
        row = session.get_one(Fleet, 1)
        row.fault, row.fault_since = "503", datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
        session.commit()

    assert "Fly silent since 07:05 UTC" in admin.get(page).text


def test_a_fleet_that_was_never_read_says_so(admin: Console, sessions: Sessions):
    with sessions() as session:
        session.get_one(Fleet, 1).synced_at = None
        session.commit()

    assert "Fly has not been read yet" in admin.get("/machines").text
