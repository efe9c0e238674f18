"""/: the first page."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.db import Sessions
from jarvis_admin.models import Fleet, FleetBurn
from jarvis_admin.services import fleet
from tests.factories import make_workspace
from tests.fleets import make_operation
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console

Counting = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture(autouse=True)
def fresh(sessions: Sessions) -> None:
    """Fly was read just now."""
    with sessions() as session:
        session.get_one(Fleet, fleet.FLEET_ID).synced_at = datetime.now(UTC)
        session.commit()


def seed(sessions: Sessions, *handles: str, **given: object) -> None:
    now = datetime.now(UTC)
    with sessions() as session:
        for handle in handles:
            row = make_workspace(session, handle=handle, **given)
            make_operation(session, row, created_at=now - timedelta(minutes=3))
        fleet.recount(session, now)
        session.commit()


def test_it_counts_the_fleet_and_leads_to_its_parts(admin: Console, sessions: Sessions):
    seed(sessions, "alice", "bob")
    seed(sessions, "carol", state="suspended", region="lhr")

    page = admin.get("/").text

    table = tables.rows(page, "Machines by region and state")
    assert table[1] == ["fra Frankfurt", "2", "2", "0", "0", "0", "0"]
    assert table[2] == ["lhr London", "1", "0", "1", "0", "0", "0"]
    assert table[-1] == ["All", "3", "2", "1", "0", "0", "0"]
    assert 'href="/machines?q=region:lhr+state:suspended"' in page.replace("%20", "+")


def test_what_needs_somebody_is_listed_worst_first(admin: Console, sessions: Sessions):
    now = datetime.now(UTC)
    since = now - timedelta(minutes=31, seconds=5)
    seed(sessions, "alice", state="starting", problem="Stuck in starting.", state_since=since)
    with sessions() as session:
        row = make_workspace(session, handle="bob")
        make_operation(
            session, row, kind="backup", state="failed", created_at=now, error="Fly said no."
        )
        session.commit()

    needs = admin.get("/").text.partition('id="needs-list"')[2].partition("</ul>")[0]

    first, second = (tables.words(f"<li{part}") for part in needs.split("<li")[1:])
    assert first == ("alice Stuck in starting. It is starting in Frankfurt. 31 min Open")
    assert second == "Backup of bob failed Fly said no. 5 s See why".replace(
        "5 s", re.search(r"\d+ s", second)[0]
    )


def test_a_silent_fly_stands_above_everything(admin: Console, sessions: Sessions):
    with sessions() as session:
        row = session.get_one(Fleet, fleet.FLEET_ID)
        row.fault = "Fly answered 500."
        row.fault_since = datetime.now(UTC) - timedelta(minutes=7)
        session.commit()

    page = admin.get("/").text

    assert "Fly silent since" in page.partition('id="needs-list"')[2].partition("</li>")[0]
    assert 'data-live="late"' in page


def test_calm_is_said_in_words(admin: Console):
    page = admin.get("/").text

    assert "no machine is stuck, no operation failed in 24 h" in page
    assert "No machines yet" in page
    assert "Nothing spent in" in page


def test_spend_is_shown_with_the_same_moment_a_month_ago(admin: Console, sessions: Sessions):
    now = datetime.now(UTC)
    with sessions() as session:
        session.add(FleetBurn(component="volume", rate_pico=0, accrued_nano=4 * 10**9, as_of=now))
        session.commit()

    page = admin.get("/").text

    assert "<b>$4.00</b>" in page
    assert "nothing to compare with a month ago" in page
    assert tables.rows(page, "Costs by day and component")[-1][-1] == "4.00"


def test_support_sees_no_money_of_the_fleet(sign_in: SignIn, sessions: Sessions):
    seed(sessions, "alice")

    page = sign_in("support").get("/").text

    assert "Spend in" not in page
    assert "Latest operations" in page


def test_without_a_role_there_is_nothing_to_see(sign_in: SignIn):
    assert sign_in().get("/").status_code == 403


def test_a_stranger_is_sent_to_sign_in(stranger: Console):
    assert stranger.get("/").location.startswith("/sign-in")


def test_an_unchanged_fleet_answers_304_and_a_changed_one_does_not(
    admin: Console, sessions: Sessions
):
    etag = admin.get("/", fragment=True).headers["ETag"]
    unchanged = admin.get("/", fragment=True, If_None_Match=etag)
    with sessions() as session:
        fleet.bump(session)
        session.commit()
    changed = admin.get("/", fragment=True, If_None_Match=etag)

    # The minute is part of it, and may have turned in between.
    assert unchanged.status_code == 304 or unchanged.headers["ETag"] != etag
    assert changed.status_code == 200


def test_a_poll_answers_the_live_part_only(admin: Console):
    page = admin.get("/", fragment=True).text

    assert page.lstrip().startswith('<div class="j-stack" id="overview"')
    assert "<html" not in page


def test_a_larger_fleet_costs_no_more_statements(
    admin: Console, sessions: Sessions, count_statements: Counting
):
    seed(sessions, "alice", problem="Stuck.")
    with count_statements() as for_one:
        admin.get("/")

    seed(sessions, *(f"user-{number}" for number in range(30)), problem="Stuck.")
    with count_statements() as for_many:
        admin.get("/")

    assert len(for_many) == len(for_one)
    assert not [s for s in for_many if "FROM intervals" in s or "count(*)" in s]
