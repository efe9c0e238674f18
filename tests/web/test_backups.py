"""/backups: coverage, troubles with the action that mends each, by role and by number."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import Drill, Operation
from jarvis_admin.services import backup_standings
from tests.backups import DAY, make_archive
from tests.factories import make_plan, make_user, make_workspace
from tests.web.conftest import SignIn
from tests.web.console import Console

Counting = Callable[[], AbstractContextManager[list[str]]]
NOW = datetime.now(UTC)


def add(session, handle: str, days_ago: float | None = None, plan=None, **archive):
    """Sixty days old; with one archive, if it says of when."""
    user = make_user(session, handle=handle, plan=plan)
    row = make_workspace(session, user=user, created_at=NOW - 60 * DAY)
    if days_ago is not None:
        make_archive(session, row, days_ago, now=NOW, **archive)
    return row


@pytest.fixture
def fleet(sessions: Sessions) -> None:
    """Alice is fine, bob was never backed up, carl's drill fails, dora's archive is late."""
    with sessions.begin() as session:
        add(session, "alice", 0.1, proven_at=NOW - DAY)
        add(session, "bob")
        carl = add(session, "carl", 0.1, id="arcarl", drill_error="3 files differ")
        add(session, "dora", 9, proven_at=NOW - DAY)
        for number, state in enumerate(("passed", "failed")):
            session.add(
                Drill(
                    id=f"d{number}",
                    archive_id="arcarl",
                    workspace_id=carl.id,
                    operation_id=f"o{number}",
                    state=state,
                    app_name="jv-test-drill",
                    started_at=NOW - number * DAY,
                    files=9871,
                    bytes=960_000_000,
                    boot_ms=4100,
                    error="" if state == "passed" else "3 files differ",
                )
            )
        session.flush()
        backup_standings.renew(session, NOW)


def row_of(page: str, handle: str) -> str:
    return page.partition(f'/backups/users/{handle}">')[2].partition("</tr>")[0]


def test_the_counters_say_how_the_fleet_stands(admin, fleet) -> None:
    page = admin.get("/backups").text

    assert "<span>Backed up in policy</span><b>2</b><small>50.0 % of 4 users</small>" in page
    assert '<b data-state="warn">2</b>' in page
    assert '<b data-state="stuck">1</b>' in page
    assert "300.00 MB" in page
    assert "$0.01 a month, 3 archives" in page


def test_each_trouble_comes_with_its_action_worst_first(admin, fleet) -> None:
    page = admin.get("/backups").text

    rows = page.partition('id="mend-rows"')[2].partition("</tbody>")[0]
    assert rows.index(">bob<") < rows.index(">carl<") < rows.index(">dora<")
    assert ">alice<" not in rows
    assert "There is no archive yet" in row_of(rows, "bob")
    assert 'action="/backups/archive"' in row_of(rows, "bob")
    assert "3 files differ" in row_of(rows, "carl")
    assert 'action="/backups/drills"' in row_of(rows, "carl")
    assert 'name="archive" value="arcarl"' in row_of(rows, "carl")
    assert "Due since" in row_of(rows, "dora")
    assert "9 d" in row_of(rows, "dora")


def test_the_strip_shows_thirty_days_and_says_them(admin, fleet) -> None:
    strip = row_of(admin.get("/backups").text.partition('"mend-rows"')[2], "carl")

    assert strip.count("<i>") + strip.count("<i data-state") == 30
    assert "last 30 days: " in strip
    assert "failed" in strip


def test_drills_are_drawn_and_listed(admin, fleet) -> None:
    page = admin.get("/backups").text

    assert "Latest drills" in page
    assert "9,871" in page
    assert "0.96" in page
    assert '"name": "Passed"' in page or '"name":"Passed"' in page


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("trouble=late", ["bob", "dora"], ["carl"]),
        ("trouble=drill_failed", ["carl"], ["bob", "dora"]),
        ("trouble=never", ["bob"], ["dora"]),
    ],
)
def test_the_list_is_filtered_by_trouble(admin, fleet, query, there, not_there) -> None:
    rows = admin.get(f"/backups?{query}").text.partition('id="mend-rows"')[2]
    rows = rows.partition("</tbody>")[0]

    assert all(f">{handle}<" in rows for handle in there)
    assert not any(f">{handle}<" in rows for handle in not_there)


def test_a_filter_that_finds_nobody_says_so(admin, fleet) -> None:
    assert "Nobody has this trouble" in admin.get("/backups?trouble=odd").text


@pytest.mark.parametrize("query", ["trouble=sad", "after=x", "after=1~99999999999999999"])
def test_a_damaged_address_is_refused(admin, query) -> None:
    assert admin.get(f"/backups?{query}").status_code == 422


def test_an_empty_house_has_a_designed_page(admin) -> None:
    page = admin.get("/backups").text

    assert "No users yet" in page
    assert "No drills yet" in page
    assert "nobody yet" in page


def test_when_all_is_well_it_says_so(admin, sessions) -> None:
    with sessions.begin() as session:
        add(session, "alice", 0.1, proven_at=NOW)
        backup_standings.renew(session, NOW)

    assert "Nothing to mend" in admin.get("/backups").text


def test_an_archive_is_asked_for_at_once(sessions, sign_in: SignIn, fleet, queue) -> None:
    support = sign_in("support")

    answer = support.post("/backups/archive", handle="bob")

    assert (answer.status_code, answer.location) == (303, "/backups")
    assert [(one.kind, one.asked_by) for one in queue] == [("archive", "Support Person")]
    page = support.get("/backups").text
    assert "See operation" in row_of(page.partition('"mend-rows"')[2], "bob")


def test_an_archive_of_a_busy_machine_is_refused_and_says_why(admin, fleet, queue) -> None:
    admin.post("/backups/archive", handle="bob")

    answer = admin.post("/backups/archive", handle="bob")

    assert answer.status_code == 409
    assert "bob has an archive under way" in answer.text
    assert len(queue) == 1


def test_an_archive_of_nobody_is_not_found(admin) -> None:
    assert admin.post("/backups/archive", handle="nobody").status_code == 404
    assert admin.get("/backups/archive").status_code == 405


def test_the_way_back_is_a_page_of_ours(admin, fleet) -> None:
    answer = admin.post("/backups/archive", handle="bob", next="https://elsewhere.example")

    assert answer.location == "/backups"


@pytest.mark.parametrize("role", ["admin", "support", "finance"])
def test_each_role_sees_what_it_may_send(sessions, sign_in: SignIn, fleet, role: str) -> None:
    person = sign_in(role)

    page = person.get("/backups").text
    may_archive = person.post("/backups/archive", handle="bob").status_code == 303

    assert ("Archive now" in page) is may_archive is (role != "finance")
    assert ("Drill again" in page) is (role == "admin")
    with sessions() as session:
        assert len(session.scalars(select(Operation)).all()) == may_archive


def test_strangers_are_sent_to_sign_in(stranger: Console) -> None:
    assert "/sign-in" in stranger.get("/backups").location
    assert stranger.post("/backups/archive", handle="bob").status_code in (303, 400)


def test_another_site_cannot_send_the_form(admin, fleet, queue) -> None:
    assert admin.post("/backups/archive", handle="bob", csrf_token="x").status_code == 400
    assert queue == []


def test_pages_hold_everybody_once(sessions, admin) -> None:
    with sessions.begin() as session:
        plan = make_plan(session)
        for number in range(60):
            add(session, f"user-{number:02}", plan=plan)
        backup_standings.renew(session, NOW)

    seen, address = [], "/backups"
    while address:
        page = admin.get(address).text
        rows = page.partition('id="mend-rows"')[2].partition("</tbody>")[0]
        seen += [n for n in range(60) if f">user-{n:02}<" in rows]
        link = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        address = link.replace("&amp;", "&") if 'rel="next"' in page else ""

    assert seen == list(range(60))


def test_more_users_cost_no_more_statements(sessions, admin, count_statements: Counting) -> None:
    with sessions.begin() as session:
        plan = make_plan(session)
        add(session, "one", 9, plan=plan)
        backup_standings.renew(session, NOW)
    with count_statements() as for_one:
        admin.get("/backups")
    with sessions.begin() as session:
        for number in range(40):
            add(session, f"more-{number}", 9, plan=plan)
        backup_standings.renew(session, NOW)

    with count_statements() as for_many:
        admin.get("/backups")

    assert len(for_many) == len(for_one) <= 12


def test_the_rail_leads_here(admin) -> None:
    assert '<a href="/backups" aria-current="page">' in admin.get("/backups").text
