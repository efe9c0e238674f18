"""The other reports: movers, users, hours of the week, month against month."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Budget
from tests.factories import make_workspace
from tests.fleets import make_interval
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
