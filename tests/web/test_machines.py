"""/machines: rows, queries, counters."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.db import Sessions
from jarvis_admin.models import Fleet, Operation
from jarvis_admin.services import fleet
from tests.factories import make_plan, make_user, make_workspace
from tests.web.console import Console

Counting = Callable[[], AbstractContextManager[list[str]]]
NANO = 10**9


def handles(page: str) -> list[str]:
    return re.findall(r'<tr id="m-([^"]+)"', page)


def seed(sessions: Sessions, *handles: str, **given: object) -> None:
    with sessions() as session:
        for handle in handles:
            make_workspace(session, handle=handle, **given)
        fleet.recount(session, datetime.now(UTC))
        session.commit()


def test_a_row_says_who_what_where_and_how_much(admin: Console, sessions: Sessions):
    now = datetime.now(UTC)
    with sessions() as session:
        plan = make_plan(session, name="Pro", size="shared-cpu-2x:2048MB")
        user = make_user(session, handle="alice", name="Alice Hartmann", plan=plan, region="lhr")
        make_workspace(
            session,
            user=user,
            state_since=now - timedelta(hours=2, minutes=5),
            last_active_at=now - timedelta(minutes=12, seconds=5),
            image="registry.fly.io/jarvis-workspace:2026.08.3@sha256:abc",
            month_nano=2_345_678_901,
            metered_at=now,
        )
        session.commit()

    row = admin.get("/machines").text.partition('<tr id="m-alice"')[2].partition("</tr>")[0]

    assert "Alice Hartmann · Pro" in row
    assert "Started <small" in row
    for shown in (">2 h<", ">lhr<", ">2x 2 GB<", ">2026.08.3<", ">12 min<", ">2.35<"):
        assert shown in row
    assert "https://alice.jarvis.example" in row


def test_cost_runs_on_between_two_meterings(admin: Console, sessions: Sessions):
    now = datetime.now(UTC)
    hour_ago = max(now - timedelta(hours=1), now.replace(day=1, hour=0, minute=0, second=0))
    seconds = (now - hour_ago).total_seconds()
    seed(sessions, "alice", month_nano=NANO, rate_pico=10**10, metered_at=hour_ago)

    row = admin.get("/machines").text.partition('<tr id="m-alice"')[2]

    assert f">{1 + seconds / 100:.2f}<"[:4] in row


def test_last_months_cost_does_not_count(admin: Console, sessions: Sessions):
    seed(sessions, "alice", month_nano=NANO, metered_at=datetime.now(UTC) - timedelta(days=40))

    assert ">0.00<" in admin.get("/machines").text


def test_text_from_outside_is_only_text(admin: Console, sessions: Sessions):
    hostile = '<script>alert("x")</script>'
    with sessions() as session:
        plan = make_plan(session, name=hostile, size=hostile)
        user = make_user(session, handle=hostile, name=hostile, plan=plan, region="<b>r")
        workspace = make_workspace(
            session, user=user, problem=hostile, image=hostile, state="<b>state", size=hostile
        )
        for text in ("mallory", "trent"):
            make_workspace(session, handle=text, state="<b>state", problem=f"{text}{hostile}")
        session.add(
            Operation(
                id="1",
                workspace=workspace,
                kind="<b>kind",
                state="running",
                asked_by=hostile,
                created_at=datetime.now(UTC),
            )
        )
        session.commit()

    for fragment in (False, True):
        page = admin.get("/machines", fragment=fragment).text

        assert hostile not in page
        assert "<b>r" not in page.replace("<b>recorded", "")
        assert "<b>state" not in page.lower()
        assert "<b>kind" not in page
        assert 'x")' not in page
        assert page.count("&lt;script&gt;") > 10


def test_a_machine_that_needs_a_person_says_why(admin: Console, sessions: Sessions):
    seed(sessions, "alice", state="starting", problem="Start timed out")

    page = admin.get("/machines").text

    assert 'data-state="stuck">Stuck' in page
    assert "Start timed out" in page


def test_an_operation_under_way_blocks_the_buttons_and_says_why(admin: Console, sessions: Sessions):
    with sessions() as session:
        workspace = make_workspace(session, handle="alice", state="suspended")
        session.add(
            Operation(
                id="1",
                workspace=workspace,
                kind="start",
                state="running",
                asked_by="Jonas",
                created_at=datetime.now(UTC),
            )
        )
        session.commit()

    page = admin.get("/machines").text

    assert 'title="alice Wake under way"' in page
    assert "/machines/alice/wake" not in page


@pytest.mark.parametrize(
    ("state", "size", "offered"),
    [
        ("started", "shared-cpu-1x:512MB", "/machines/alice/suspend"),
        ("started", "shared-cpu-4x:4096MB", "/machines/alice/stop"),
        ("suspended", "shared-cpu-1x:512MB", "/machines/alice/wake"),
        ("stopped", "shared-cpu-1x:512MB", "/machines/alice/wake"),
        ("starting", "shared-cpu-1x:512MB", None),
        ("an-invention-of-fly", "a size of Fly", None),
    ],
)
def test_the_main_button_follows_the_state(
    admin: Console, sessions: Sessions, state: str, size: str, offered: str | None
):
    seed(sessions, "alice", state=state, size=size)

    page = admin.get("/machines").text
    main = page.partition('<div class="j-actions">')[2].partition("\n")[2].partition("\n")[0]

    assert (offered in main) if offered else ('aria-disabled="true"' in page)


def test_counters_come_from_the_kept_counts(admin: Console, sessions: Sessions):
    seed(sessions, "a1", "a2", state="suspended")
    seed(sessions, "b1", state="starting", problem="Start timed out")

    strip = admin.get("/machines").text.partition('id="counters"')[2].partition("</nav>")[0]

    assert re.findall(r"<span>([^<]+)</span><b[^>]*>([^<]+)<", strip) == [
        ("All", "3"),
        ("Started", "0"),
        ("Suspended", "2"),
        ("Stopped", "0"),
        ("Moving", "1"),
        ("Failed", "0"),
        ("Stuck", "1"),
    ]


QUERIES = [
    ("", {"alice", "alina", "bob"}),
    ("alice", {"alice"}),
    ("al", {"alice", "alina"}),
    ("-alice", {"alina", "bob"}),
    ("hartm", {"alice"}),
    ('"alice hartmann"', {"alice"}),
    ("user:ali", {"alice", "alina"}),
    ("state:suspended", {"alina"}),
    ("state:suspended,started", {"alice", "alina"}),
    ("-state:suspended", {"alice", "bob"}),
    ("state:stuck", {"bob"}),
    ("state:moving", {"bob"}),
    ("state:destroyed", {"gone"}),
    ("region:fra", {"alice", "alina"}),
    ("region:FRA,lhr", {"alice", "alina", "bob"}),
    ("plan:team", {"bob"}),
    ("size:2x", {"alice"}),
    ("image:2026.08.2", {"alina"}),
    ("app:jv-test-b", {"bob"}),
    ("cost>5", {"bob"}),
    ("cost:1..3", {"alice"}),
    ("idle>7d", {"alina"}),
    ("active<1h", {"alice", "bob"}),
    ("since<1h", {"bob"}),
    ("since:1h..3d", {"alice"}),
    ("region:fra cost>1 alice", {"alice"}),
    ("mallory", set()),
]


@pytest.fixture
def fleet_of_three(sessions: Sessions) -> None:
    now = datetime.now(UTC)
    with sessions() as session:
        pro, team = make_plan(session, key="pro"), make_plan(session, key="team")
        alice = make_user(session, handle="alice", name="Alice Hartmann", plan=pro)
        make_workspace(
            session,
            user=alice,
            size="shared-cpu-2x:2048MB",
            month_nano=2 * NANO,
            state_since=now - timedelta(days=2),
            last_active_at=now,
        )
        alina = make_user(session, handle="alina", name="Alina Rao", plan=pro)
        make_workspace(
            session,
            user=alina,
            state="suspended",
            image="registry.fly.io/jarvis-workspace:2026.08.2",
            state_since=now - timedelta(days=9),
            last_active_at=now - timedelta(days=9),
        )
        bob = make_user(session, handle="bob", name="Bob Lindholm", plan=team, region="lhr")
        make_workspace(
            session,
            user=bob,
            state="starting",
            problem="Start timed out",
            month_nano=9 * NANO,
            state_since=now - timedelta(minutes=20),
            last_active_at=now,
        )
        make_workspace(session, handle="gone", state="destroyed", destroyed_at=now)
        session.commit()


@pytest.mark.usefixtures("fleet_of_three")
@pytest.mark.parametrize(("query", "found"), QUERIES, ids=[query or "all" for query, _ in QUERIES])
def test_the_query_finds(admin: Console, query: str, found: set[str]):
    answer = admin.client.get("/machines", query_string={"q": query})

    assert answer.status_code == 200
    assert set(handles(answer.text)) == found


@pytest.mark.usefixtures("fleet_of_three")
@pytest.mark.parametrize(
    ("query", "word", "hint"),
    [
        ("alice stat:stuck", "stat:stuck", "Did you mean state:stuck?"),
        ("state:startet", "state:startet", "Did you mean state:started?"),
        ("cost>abc", "cost&gt;abc", "is not an amount"),
        ("idle>7y", "idle&gt;7y", "no known unit"),
        ('user:"ali', "&#34;ali", "never closed"),
        ("sort:height", "sort:height", "There is no order by"),
        ("x" * 501, "x", "at most 500 characters"),
        ("a\x00b", "\x00", "not a character to search for"),
    ],
)
def test_a_query_error_points_at_the_word_and_shows_no_rows(
    admin: Console, query: str, word: str, hint: str
):
    answer = admin.client.get("/machines", query_string={"q": query})

    notice = answer.text.partition('id="query-error"')[2].partition("</div>")[0]
    assert answer.status_code == 422
    assert word in notice
    assert hint in notice
    assert handles(answer.text) == []


@pytest.mark.usefixtures("fleet_of_three")
def test_the_proposed_query_works(admin: Console):
    page = admin.client.get("/machines", query_string={"q": "stat:stuck"}).text
    link = re.search(r'<a href="([^"]+)"[^>]*>Did you mean', page)

    assert link
    assert handles(admin.get(link[1].replace("&amp;", "&")).text) == ["bob"]


@pytest.mark.usefixtures("fleet_of_three")
def test_chips_edit_the_same_query(admin: Console):
    page = admin.client.get("/machines", query_string={"q": "region:fra alice"}).text

    chips = re.findall(r'j-x" href="([^"]+)" aria-label="Remove filter ([^"]+)"', page)

    assert chips == [("/machines?q=alice", "region fra"), ("/machines?q=region:fra", "“alice”")]


@pytest.mark.usefixtures("fleet_of_three")
def test_an_empty_result_offers_to_ask_for_less(admin: Console):
    page = admin.client.get("/machines", query_string={"q": "region:syd alice"}).text

    assert "No machine matches region:syd alice" in page
    assert 'href="/machines?q=alice">Drop region:syd' in page


def test_an_empty_fleet_says_what_will_fill_it(admin: Console):
    assert "No machines yet" in admin.get("/machines").text


@pytest.mark.parametrize("cursor", ["after=x", "after=alice~y", "before=~1", "after=a~1~"])
def test_a_damaged_page_address_is_a_sentence(admin: Console, cursor: str):
    answer = admin.get(f"/machines?{cursor}")

    assert answer.status_code == 422
    assert "start from the first page" in answer.text


def test_a_cursor_of_another_order_is_a_sentence(admin: Console):
    assert admin.get("/machines?q=sort:cost&after=alice~1").status_code == 422


@pytest.mark.parametrize(
    "address",
    [
        "/machines?q=sort:cost&after=99999999999999999999~1",
        "/machines?q=sort:active&after=yesterday~1",
        "/machines?after=%00~1",
    ],
)
def test_a_cursor_no_row_could_have_is_a_sentence(admin: Console, address: str):
    assert admin.get(address).status_code == 422


def test_more_machines_cost_no_more_statements(
    admin: Console, sessions: Sessions, count_statements: Counting
):
    seed(sessions, "a0")
    with count_statements() as for_one:
        admin.get("/machines")

    seed(sessions, *(f"b{number}" for number in range(30)))
    with count_statements() as for_many:
        admin.get("/machines")

    asked = [statement for statement in for_one if statement.lstrip().startswith("SELECT")]
    assert len(asked) == 3  # who and how the fleet is, its counters, the rows
    assert len(for_many) == len(for_one)


def test_no_list_counts_rows(admin: Console, sessions: Sessions, count_statements: Counting):
    seed(sessions, "alice")

    with count_statements() as statements:
        admin.get("/machines?q=ali+state:started+sort:-cost")

    asked = " ".join(statements).lower()
    assert "count(" not in asked


def test_while_fly_is_silent_the_old_rows_stay_and_the_page_says_since_when(
    admin: Console, sessions: Sessions
):
    seed(sessions, "alice")
    since = datetime.now(UTC).replace(hour=14, minute=3)
    with sessions() as session:
        row = session.get_one(Fleet, 1)
        row.synced_at, row.fault, row.fault_since = since, "Fly answered 503", since
        session.commit()

    page = admin.get("/machines").text

    assert handles(page) == ["alice"]
    assert "Fly silent since 14:03 UTC" in page
    assert "Fly answered 503" in page


def test_one_row_is_counted_as_one(admin: Console, sessions: Sessions):
    seed(sessions, "aiko")

    page = admin.get("/machines").text

    assert "<span>1 row</span>" in page


@pytest.mark.parametrize(("asked", "marked"), [("", 1), ("?q=aiko", 0), ("?q=region:fra", 0)])
def test_all_is_marked_only_when_nothing_narrows_it(
    admin: Console, sessions: Sessions, asked: str, marked: int
):
    seed(sessions, "aiko")

    counters = admin.get(f"/machines{asked}").text.partition('id="counters"')[2]

    assert counters.partition("</nav>")[0].count("aria-current") == marked
