"""/costs/users/<handle>: a user's month, explained."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.months import Month
from jarvis_admin.models import LedgerEntry, Workspace
from jarvis_admin.services import ledger, user_usage
from tests.factories import NOON, make_workspace
from tests.fleets import make_interval, make_machine
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console

Counting = Callable[[], AbstractContextManager[list[str]]]
NOW = datetime.now(UTC)
LAST = Month.of(NOW).previous
HOUR = timedelta(hours=1)
ADDRESS = f"/costs/users/alice?month={LAST}"


def seed(sessions: Sessions, intervals: int = 3) -> None:
    with sessions() as session:
        row = make_workspace(session, handle="alice")
        make_machine(session, row)
        for number in range(intervals):
            start = LAST.start + number * HOUR
            make_interval(
                session, row, start, timedelta(seconds=60 + number), estimated=number == 0
            )
        session.commit()


def amounts(page: str) -> list[Decimal]:
    lines = [row for row in tables.rows(page, "Intervals") if row[1]]
    return [Decimal(row[-1]) for row in lines[1:]]


def together(page: str) -> Decimal:
    """The sum of everything asked for, as the page says it."""
    [found] = re.findall(r'<b class="j-tnum">\$([\d.-]+)</b>', page)
    return Decimal(found)


def test_the_intervals_add_up_to_the_figure(admin: Console, sessions: Sessions):
    seed(sessions)

    page = admin.get(ADDRESS).text

    assert sum(amounts(page)) == together(page)
    assert tables.rows(page, "Costs by component")[-1][-1] == str(sum(amounts(page)))
    assert "equal the roll-up to the nanodollar" in page


def test_a_figure_opens_the_lines_that_make_it(admin: Console, sessions: Sessions):
    seed(sessions)
    with sessions.begin() as session:
        alice = session.scalars(select(Workspace)).one()
        make_interval(session, alice, LAST.start + 9 * HOUR, HOUR, component="volume", size="1 GB")
        make_interval(session, alice, LAST.start + 30 * HOUR, HOUR)
        entry = {"workspace_id": alice.id, "owner": "user", "day": LAST.first, "booked_at": NOON}
        egress = {"kind": "egress", "component": "egress", "resource_id": "m-alice"}
        ledger.book(session, [LedgerEntry(**entry, **egress, amount_nano=77, quantity=4, unit="B")])

    whole = admin.get(ADDRESS).text
    assert f'{ADDRESS.replace("&", "&amp;")}&amp;component=compute#lines"' in whole
    compute = admin.get(f"{ADDRESS}&component=compute").text
    day = admin.get(f"{ADDRESS}&day={LAST.first}").text
    egress_only = admin.get(f"{ADDRESS}&component=egress").text

    assert {row[2] for row in tables.rows(compute, "Intervals")[1:]} == {
        "Started",
        "Started estimated",
    }
    assert sum(amounts(compute)) == together(compute)
    assert len(amounts(day)) == 4
    assert tables.rows(egress_only, "Entries")[1][1:3] == ["Traffic", "4 B"]
    assert together(egress_only) == Decimal("0.000000077")
    assert "equal the roll-up to the nanodollar" in whole


@pytest.mark.parametrize("day", ["tomorrow", "2020-02-02"])
def test_a_day_that_is_none_of_the_month_gets_a_sentence(admin: Console, sessions, day: str):
    seed(sessions)

    answer = admin.get(f"{ADDRESS}&day={day}")

    assert answer.status_code == 422
    assert day in answer.text


def test_a_line_says_how_it_was_reckoned(admin: Console, sessions: Sessions):
    seed(sessions, 1)

    line = tables.rows(admin.get(ADDRESS).text, "Intervals")[1]

    assert line[2:] == [
        "Started estimated",
        "1x 512 MB",
        "fra",
        "2026-08-09",
        "60",
        "0.000005071154",
        "0.000304269",
    ]


def test_what_is_open_is_billed_up_to_now(admin: Console, sessions: Sessions):
    with sessions() as session:
        row = make_workspace(session, handle="alice")
        make_machine(session, row)
        make_interval(session, row, datetime.now(UTC) - timedelta(seconds=30), None)
        session.commit()

    line = tables.rows(admin.get("/costs/users/alice").text, "Intervals")[1]

    assert line[1] == "now"
    assert "open" in line[2]


def test_a_long_month_has_pages_that_show_each_interval_once(admin: Console, sessions: Sessions):
    seed(sessions, user_usage.PAGE + 4)

    first = admin.get(ADDRESS).text
    second = admin.get(tables.link(first, "Earlier")).text

    assert sum(amounts(first)) + sum(amounts(second)) == together(first) == together(second)
    assert ">Earlier<" not in second


def test_a_month_without_costs_says_so(admin: Console, sessions: Sessions):
    seed(sessions)

    assert "alice cost nothing in March 2025" in admin.get("/costs/users/alice?month=2025-03").text


def test_nobody_of_that_name_is_not_found(admin: Console):
    assert admin.get("/costs/users/ghost").status_code == 404


@pytest.mark.parametrize("asked", ["month=x", "month=2099-01", "after=x", "after=2026-11-01~x"])
def test_what_cannot_be_understood_is_a_clear_page(admin: Console, sessions: Sessions, asked: str):
    seed(sessions, 1)

    assert admin.get(f"/costs/users/alice?{asked}").status_code == 422


@pytest.mark.parametrize("role", ["admin", "support", "finance"])
def test_every_role_sees_what_a_user_costs(sign_in: SignIn, sessions: Sessions, role: str):
    seed(sessions)

    assert sign_in(role).get(ADDRESS).status_code == 200


def test_without_a_role_nobody_sees_it(sign_in: SignIn, sessions: Sessions):
    seed(sessions)

    assert sign_in().get(ADDRESS).status_code == 403


def test_a_stranger_is_sent_to_sign_in(stranger: Console):
    assert stranger.get(ADDRESS).location.startswith("/sign-in")


def test_more_intervals_cost_no_more_statements(
    admin: Console, sessions: Sessions, count_statements: Counting
):
    seed(sessions, 2)
    with count_statements() as for_two:
        admin.get(ADDRESS)

    with sessions() as session:
        row = make_workspace(session, handle="bob")
        for number in range(50):
            make_interval(session, row, LAST.start + number * HOUR, HOUR)
        session.commit()
    with count_statements() as for_many:
        admin.get(ADDRESS.replace("alice", "bob"))

    assert len(for_many) == len(for_two)
