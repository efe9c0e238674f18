"""The other reports: movers, users, hours of the week, month against month."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import amount_nano, dollars, exact_dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Budget
from tests.factories import make_workspace
from tests.fleets import RATE, make_interval
from tests.web import tables
from tests.web.console import Console
from tests.web.reporting import HOUR, LAST, fleet_total, read_csv, seed

Counting = Callable[[], AbstractContextManager[list[str]]]
REPORTS = "/costs/reports"


def test_movers_say_why(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 3)
        session.commit()

    page = admin.get(f"{REPORTS}/movers?month={LAST}").text
    file = read_csv(admin.get(f"{REPORTS}/movers.csv?month={LAST}&group=plan").text)

    table = tables.rows(page, "Movers")
    assert {row[0] for row in table[1:4]} == {"user-000", "user-001", "user-002"}
    assert table[-1][2] == dollars(int(fleet_total(sessions).scaleb(9)))
    for row in file:
        parts = [value for name, value in row.items() if name in
                 ("hours_usd", "size_usd", "storage_usd", "egress_usd", "other_usd")]  # fmt: skip
        assert sum(map(Decimal, parts)) == Decimal(row["change_usd"])


def test_a_month_that_is_not_over_has_no_movers(admin: Console):
    assert admin.get(f"{REPORTS}/movers?month={Month.of(datetime.now(UTC))}").status_code == 422


def test_movers_compare_any_days_with_those_before(admin: Console, sessions: Sessions):
    first, second = LAST.first, LAST.first + timedelta(days=1)
    with sessions() as session:
        row = make_workspace(session, handle="alice")
        make_interval(session, row, LAST.start, HOUR, plan=row.plan.key)
        make_interval(session, row, LAST.start + 24 * HOUR, 3 * HOUR, plan=row.plan.key)
        session.commit()
        hour = amount_nano(RATE, HOUR)
    asked = f"from={second}&to={second}"

    for group, name in (("user", "alice"), ("plan", row.plan.name)):
        page = admin.get(f"{REPORTS}/movers?{asked}&group={group}").text
        table = tables.rows(page, "Movers")
        assert table[0][1:3] == [f"{first.day} {first:%B %Y}, $", f"{second.day} {second:%B %Y}, $"]
        assert table[1][:4] == [name, *map(dollars, (hour, 3 * hour)), f"+{dollars(2 * hour)}"]
    (line,) = read_csv(admin.get(f"{REPORTS}/movers.csv?{asked}").text)
    assert Decimal(line["change_usd"]) == exact_dollars(amount_nano(RATE, 2 * HOUR))


def test_a_report_leads_to_what_moved_in_it(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 3)
        session.commit()
    page = admin.get(f"{REPORTS}?group=plan&range=90d&q=region:fra").text

    address = tables.link(page, "What moved").replace("&amp;", "&")

    assert address == f"{REPORTS}/movers?group=plan&range=90d"
    assert admin.get(address).status_code == 200


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("range=90d", "Users are compared over 31 days at most"),
        ("from=2026-05-02&to=2026-05-01", "The last day lies before the first."),
        (f"from={datetime.now(UTC).date()}", "No day of it is over yet"),
    ],
)
def test_movers_that_cannot_be_say_why(admin: Console, asked: str, said: str):
    answer = admin.get(f"{REPORTS}/movers?{asked}")

    assert answer.status_code == 422
    assert said in answer.text


def test_the_distribution_counts_every_workspace(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 9)
        session.commit()

    page = admin.get(f"{REPORTS}/users?month={LAST}").text
    file = read_csv(admin.get(f"{REPORTS}/users.csv?month={LAST}").text)

    assert sum(int(row["users"]) for row in file) == 9
    assert tables.rows(page, "Users by cost")[-1][1] == "9"
    assert len(tables.rows(page, "Percentiles")) == 10


def test_the_week_is_read_later_and_kept(
    admin: Console, sessions: Sessions, count_statements: Counting
):
    with sessions() as session:
        row = make_workspace(session)
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        make_interval(session, row, midnight - timedelta(days=3) + 5 * HOUR, 2 * HOUR)
        session.commit()

    first = admin.get(f"{REPORTS}/hours").text
    fragment = admin.get(f"{REPORTS}/hours/table", fragment=True).text
    with count_statements() as again:
        page = admin.get(f"{REPORTS}/hours").text

    assert 'hx-trigger="load"' in first
    assert "<html" not in fragment
    assert len(tables.rows(fragment, "Machine-hours by hour of the week")) == 8
    assert fragment.count(">0.2<") == 2  # one machine, in one of four weeks: a quarter
    assert ">0.2<" in page
    assert not [statement for statement in again if "FROM intervals" in statement]
    hours = read_csv(admin.get(f"{REPORTS}/hours.csv").text)
    assert sum(Decimal(row["machine_hours_of_4_weeks"]) for row in hours) == 2


def test_month_against_month_with_the_budget(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 3)
        session.add(Budget(scope="fleet", key="", amount_nano=123 * 10**9, actual_percents=[80],
                           forecast_percents=[], created_at=datetime.now(UTC)))  # fmt: skip
        session.commit()

    page = admin.get(f"{REPORTS}/pace?month={LAST}").text
    file = read_csv(admin.get(f"{REPORTS}/pace.csv?month={LAST}").text)

    assert "Budget of the fleet</span><b>123.00<" in page
    assert Decimal(file[0][f"{LAST}_to_date_usd"] or "0") == fleet_total(sessions) or (
        Decimal(file[1][f"{LAST}_to_date_usd"]) == fleet_total(sessions)
    )
