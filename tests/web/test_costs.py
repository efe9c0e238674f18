"""/costs and its files."""

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.models import FleetBurn, Plan, User, Workspace
from jarvis_admin.services import user_costs
from tests.factories import make_plan, make_user, make_workspace
from tests.fleets import make_interval
from tests.web import reporting, tables
from tests.web.conftest import SignIn
from tests.web.console import Console

Counting = Callable[[], AbstractContextManager[list[str]]]
LAST = Month.of(datetime.now(UTC)).previous
HOUR = timedelta(hours=1)
PAGES = ["/costs", "/costs/days.csv", "/costs/users.csv"]


def seed(sessions: Sessions, users: int = 3) -> None:
    """Last month: each user some compute and some volume, no two the same."""
    with sessions() as session:
        plan = make_plan(session)
        for number in range(users):
            user = make_user(session, plan=plan, handle=f"user-{number:03d}")
            row = make_workspace(session, user=user)
            start = LAST.start + timedelta(days=number % 20, hours=1)
            make_interval(session, row, start, HOUR + number * timedelta(seconds=7))
            make_interval(session, row, start, HOUR, component="volume", rate_pico=578_703 + number)
        session.commit()


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_page_chart_and_files_add_up_to_the_nanodollar(admin: Console, sessions: Sessions):
    seed(sessions)

    page = admin.get(f"/costs?month={LAST}").text
    days = read_csv(admin.get(f"/costs/days.csv?month={LAST}").text)
    users = read_csv(admin.get(f"/costs/users.csv?month={LAST}").text)

    figure = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    in_chart = sum(round(y * 10**9) for bar in figure["data"] for y in bar["y"])
    in_days = sum(Decimal(row["total_usd"]) for row in days)
    in_parts = sum(Decimal(v) for row in days for k, v in row.items() if k[-4:] == "_usd") / 2
    in_users = sum(Decimal(row[f"{LAST}_usd"]) for row in users)
    assert Decimal(in_chart).scaleb(-9) == in_days == in_parts == in_users > 0
    table = tables.rows(page, "Costs by day and component")
    assert table[0] == ["Day, UTC", "Volume", "Compute", "Total, $"]
    assert table[-1][-1] == dollars(in_chart)
    assert len(days) == len(table) - 2 == (LAST.end - LAST.start).days


def test_the_running_month_counts_what_is_open_now(admin: Console, sessions: Sessions):
    now = datetime.now(UTC)
    with sessions() as session:
        session.add(
            FleetBurn(component="compute", rate_pico=10**9, accrued_nano=5 * 10**9, as_of=now)
        )
        session.commit()

    page = admin.get("/costs").text

    assert re.search(r"Month to date</span><b><a [^>]*>5\.0\d<", page)
    assert "Now, per hour</span><b>3.60<" in page
    assert "so far" in page


def test_the_price_book_is_named(admin: Console, sessions: Sessions):
    seed(sessions)

    assert "2026-08-09" in admin.get(f"/costs?month={LAST}").text


def test_a_month_without_costs_says_so(admin: Console):
    page = admin.get("/costs?month=2025-03").text

    assert "No costs in March 2025" in page


@pytest.mark.parametrize(
    "asked",
    ["month=2026-13", "month=x", "month=2099-01", "month=9999-12", "after=x", "after=1~2~x"],
)
def test_what_cannot_be_understood_is_a_clear_page(admin: Console, asked: str):
    answer = admin.get(f"/costs?{asked}")

    assert answer.status_code == 422
    assert re.search("not a month|has not begun|address of this page is damaged", answer.text)


def test_pages_of_users_show_each_once(admin: Console, sessions: Sessions):
    seed(sessions, user_costs.PAGE + 12)

    seen, address = [], f"/costs?month={LAST}"
    while address:
        page = admin.get(address).text
        seen += [row[0] for row in tables.rows(page, "Costs by user")[1:-1]]
        address = tables.link(page, "Next") if ">Next<" in page else ""

    assert sorted(seen) == [f"user-{number:03d}" for number in range(user_costs.PAGE + 12)]


def test_users_are_found_by_the_start_of_their_handle(admin: Console, sessions: Sessions):
    seed(sessions)

    found = tables.rows(admin.get(f"/costs?month={LAST}&q=USER-00").text, "Costs by user")
    nobody = admin.get(f"/costs?month={LAST}&q=zz").text

    assert [row[0] for row in found[1:-1]] == ["user-000", "user-001", "user-002"]
    assert "No handle begins with zz" in nobody


def test_a_name_that_a_spreadsheet_would_run_is_disarmed(admin: Console, sessions: Sessions):
    with sessions() as session:
        row = make_workspace(session, user=make_user(session, plan=make_plan(session, name="=1+1")))
        make_interval(session, row, LAST.start, HOUR)
        session.commit()

    (row,) = read_csv(admin.get(f"/costs/users.csv?month={LAST}").text)

    assert row["plan"] == "'=1+1"


def test_what_came_from_outside_is_no_markup(admin: Console, sessions: Sessions):
    seed(sessions, users=1)
    with sessions.begin() as session:
        session.execute(update(Plan).values(name="<b>pro</b> & more"))
        session.execute(update(Workspace).values(region="<i>"))
        session.execute(update(User).values(handle="<u>"))
        session.execute(update(Workspace).values(handle="<u>"))

    page = admin.get(f"/costs?month={LAST}").text

    assert '<td class="j-2nd j-hide-sm">&lt;b&gt;pro&lt;/b&gt; &amp; more</td>' in page
    assert not any(tag in page for tag in ("<b>pro", "<i>", "<u>"))


def test_a_file_is_named_after_its_month(admin: Console):
    answer = admin.get("/costs/days.csv?month=2026-03")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="jarvis-costs-2026-03-by-day.csv"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_sign_in(stranger: Console, page: str):
    assert stranger.get(page).location.startswith("/sign-in")


@pytest.mark.parametrize("page", PAGES)
def test_support_sees_no_fleet_costs(sign_in: SignIn, page: str):
    assert sign_in("support").get(page).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_finance_sees_and_takes_away(sign_in: SignIn, page: str):
    assert sign_in("finance").get(page).status_code == 200


@pytest.mark.parametrize("asked", [f"month={LAST}", f"month={LAST}&q=user"])
def test_more_users_cost_no_more_statements(
    admin: Console, sessions: Sessions, count_statements: Counting, asked: str
):
    seed(sessions, 2)
    with count_statements() as for_two:
        admin.get(f"/costs?{asked}")

    with sessions() as session:
        for number in range(20):
            row = make_workspace(session, handle=f"user-more-{number}")
            make_interval(session, row, LAST.start, HOUR)
        session.commit()
    with count_statements() as for_many:
        admin.get(f"/costs?{asked}")

    assert len(for_many) == len(for_two)
    assert not [statement for statement in for_many if "FROM intervals" in statement]


def test_one_user_needs_no_sum(admin: Console, sessions: Sessions):
    seed(sessions)

    page = admin.get(f"/costs?month={LAST}&q=user-001").text

    assert len(tables.rows(page, "Costs by user")) == 2
    assert "These 1" not in page
    assert "Rounded to the cent after adding" in page


def test_idle_and_unallocated_are_bands_of_their_own(admin: Console, sessions: Sessions):
    seed(sessions)
    with sessions() as session:
        reporting.book(session, "orphan", LAST.first, 3 * 10**9)
        reporting.idle(session, LAST.first, 10**6)
        session.commit()

    page = admin.get(f"/costs?month={LAST}").text
    days = read_csv(admin.get(f"/costs/days.csv?month={LAST}").text)

    table = tables.rows(page, "Costs by day and component")
    assert table[0][1:-1] == ["Volume", "Compute, used", "Idle compute", "Unallocated"]
    assert table[-2][-2] == "3.00"
    assert Decimal(days[0]["idle_usd"]) == Decimal("0.001")
    figure = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    in_chart = sum(round(y * 10**9) for bar in figure["data"] for y in bar["y"])
    assert Decimal(in_chart).scaleb(-9) == sum(Decimal(row["total_usd"]) for row in days)
