"""/costs/reports, its other pages and its files."""

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import dollars, exact_dollars
from jarvis_admin.domain.written_money import signed
from jarvis_admin.models import FleetBurn, PriceBookVersion
from jarvis_admin.services import audit
from tests.factories import make_workspace
from tests.fleets import make_interval
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console
from tests.web.reporting import HOUR, LAST, fleet_total, idle, read_csv, seed

Counting = Callable[[], AbstractContextManager[list[str]]]
REPORTS = "/costs/reports"
PAGES = [
    REPORTS,
    f"{REPORTS}/movers",
    f"{REPORTS}/users",
    f"{REPORTS}/hours",
    f"{REPORTS}/hours/table",
    f"{REPORTS}/pace",
    "/costs/savings",
]
FILES = [
    f"{REPORTS}/days.csv",
    f"{REPORTS}/focus.csv",
    f"{REPORTS}/movers.csv",
    f"{REPORTS}/users.csv",
    f"{REPORTS}/hours.csv",
    f"{REPORTS}/pace.csv",
    "/costs/savings/fleet.csv",
    "/costs/savings/scenarios.csv",
]
GROUPS = ["component", "plan", "region", "size", "group", "owner"]


@pytest.mark.parametrize("step", ["day", "month"])
@pytest.mark.parametrize("group", GROUPS)
def test_chart_table_and_file_are_the_same_figures(
    admin: Console, sessions: Sessions, group: str, step: str
):
    with sessions() as session:
        seed(session, 9)
        idle(session, LAST.first, 1234)
        session.commit()
    asked = f"group={group}&range=last-month&step={step}"

    page = admin.get(f"{REPORTS}?{asked}").text
    file = admin.get(f"{REPORTS}/days.csv?{asked}").text

    figure = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    in_chart = sum(round(y * 10**9) for bar in figure["data"] for y in bar["y"])
    rows = list(csv.reader(io.StringIO(file)))
    table = tables.rows(page, f"Costs by {step} and {group}")
    in_file = sum(Decimal(row[-1]) for row in rows[1:])
    assert exact_dollars(in_chart) == in_file == fleet_total(sessions)
    assert len(rows[0]) == len(table[0])
    assert len(rows) == len(table) - 1
    for shown, written in zip(table[1:-1], rows[1:], strict=True):
        for cell, value in zip(shown[1:], written[1:], strict=True):
            assert cell == dollars(int(Decimal(value).scaleb(9))) or (cell, Decimal(value)) == (
                "–",
                0,
            )
    assert table[-1][-1] == dollars(in_chart)


def test_compared_with_the_period_before(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 9)
        row = make_workspace(session, handle="earlier")
        make_interval(session, row, LAST.previous.start, 30 * HOUR // 2)
        session.commit()

    asked = "range=last-month&compare=before&step=month"
    page = admin.get(f"{REPORTS}?{asked}").text
    (row,) = read_csv(admin.get(f"{REPORTS}/days.csv?{asked}").text)

    assert Decimal(row["before_usd"]) == fleet_total(sessions, LAST.previous) > 0
    assert Decimal(row["change_usd"]) == Decimal(row["total_usd"]) - Decimal(row["before_usd"])
    figure = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1])
    ghost = figure["data"][-1]
    assert exact_dollars(sum(round(y * 10**9) for y in ghost["y"])) == Decimal(row["before_usd"])
    assert tables.rows(page, "Costs by component")[-1][2] == dollars(
        int(Decimal(row["before_usd"]).scaleb(9))
    )


def test_a_figure_leads_to_what_makes_it_down_to_the_user(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 9)
        session.commit()
    page = admin.get(f"{REPORTS}?group=plan&range=last-month").text
    rows = {row[0]: row for row in tables.rows(page, "Costs by plan")}
    address = re.search(r'Pro</th>.*?href="([^"]+)" aria-label="[0-9.]+, explain"', page)[1]

    narrower = admin.get(address.replace("&amp;", "&")).text

    assert "q=plan:pro+owner:user" in address
    assert tables.rows(narrower, "Costs by component")[-1][-2] == rows["Pro"][2]
    assert f'href="/costs?month={LAST}#by-user"' in narrower


def test_a_user_is_named_and_leads_to_the_intervals(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 9)
        session.commit()

    page = admin.get(f"{REPORTS}?range=last-month&q=user:user-002").text
    explained = admin.get(f"/costs/users/user-002?month={LAST}").text

    assert f"/costs/users/user-002?month={LAST}" in page
    total = tables.rows(explained, "Costs by component")[-1][-1]
    assert tables.rows(page, "Costs by component")[-1][-2] == dollars(int(Decimal(total).scaleb(9)))


def test_a_query_that_is_not_understood_points_and_proposes(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 3)
        session.commit()

    page = admin.get(f"{REPORTS}?group=region&q=plan:por").text

    assert "“por” is not one of the choices" in page
    assert "Did you mean plan:pro?" in page
    assert "group=region&amp;range=month&amp;q=plan:pro" in page
    assert admin.get(f"{REPORTS}/days.csv?q=plan:por").status_code == 422


@pytest.mark.parametrize(
    "asked",
    ["range=year", "group=colour", "step=week", "from=x", "from=2099-01-01", "to=1999-01-01",
     "from=2026-02-30", "from=2020-01-01", "from=2026-05-02&to=2026-05-01"],
)  # fmt: skip
def test_what_is_no_report_is_a_clear_page(admin: Console, asked: str):
    assert admin.get(f"{REPORTS}?{asked}").status_code == 422


def test_nothing_billed_says_so(admin: Console):
    assert "Nothing was billed" in admin.get(REPORTS).text


def test_changes_are_marked_in_the_chart(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 3)
        at = LAST.start + timedelta(days=9)
        session.add(PriceBookVersion(version="dearer", effective_from=at, figures={}))
        told = {"at": at, "actor": "Marta", "subject": "pro"}
        audit.record(session, action="quota_policy", **told)
        audit.record(session, action="sign-in", **told)
        session.commit()

    page = admin.get(f"{REPORTS}?range=last-month").text

    assert [row[1] for row in tables.rows(page, "Changes in these days")[1:]] == [
        "prices dearer",
        "quota policy pro",
    ]
    assert '"text": "prices dearer"' in page or '"text":"prices dearer"' in page


@pytest.mark.parametrize("page", PAGES + FILES)
def test_a_stranger_is_sent_to_sign_in(stranger: Console, page: str):
    assert stranger.get(page).location.startswith("/sign-in")


@pytest.mark.parametrize("page", PAGES + FILES)
def test_support_sees_no_fleet_costs(sign_in: SignIn, page: str):
    assert sign_in("support").get(page).status_code == 403


@pytest.mark.parametrize("page", PAGES + FILES)
def test_finance_sees_and_takes_away(sign_in: SignIn, page: str):
    assert sign_in("finance").get(page).status_code == 200


@pytest.mark.parametrize(
    "page",
    [
        f"{REPORTS}?group=plan&range=30d&compare=before",
        f"{REPORTS}?group=component&range=90d",
        f"{REPORTS}/movers?month={LAST}",
        f"{REPORTS}/users?month={LAST}",
        f"{REPORTS}/pace?month={LAST}",
        f"/costs/savings?month={LAST}",
    ],
)
def test_more_users_cost_no_more_statements(
    admin: Console, sessions: Sessions, count_statements: Counting, page: str
):
    with sessions() as session:
        seed(session, 3)
        session.commit()
    with count_statements() as for_few:
        admin.get(page)

    with sessions() as session:
        for number in range(20):
            row = make_workspace(session, handle=f"more-{number}")
            make_interval(session, row, LAST.start, HOUR + number * timedelta(seconds=1))
            make_interval(
                session, row, datetime.now(UTC) - HOUR / 60, None, resource_id=f"o{number}"
            )
        session.add(FleetBurn(component="compute", rate_pico=1, accrued_nano=1,
                              as_of=datetime.now(UTC)))  # fmt: skip
        session.commit()
    with count_statements() as for_many:
        admin.get(page)

    assert len(for_many) == len(for_few)


@pytest.mark.parametrize("group", GROUPS)
def test_every_band_leads_to_a_report_of_the_same_amount(
    admin: Console, sessions: Sessions, group: str
):
    with sessions() as session:
        seed(session, 9)
        session.commit()
    page = admin.get(f"{REPORTS}?group={group}&range=last-month").text
    table = page.split(f'aria-label="Costs by {group}"', 1)[1].split("</table>", 1)[0]
    bands = re.findall(r'href="([^"]+)" aria-label="([^"]+), explain"', table)

    assert len(bands) >= 3
    for address, amount in bands:
        narrower = admin.get(address.replace("&amp;", "&")).text
        assert re.search(rf"<dt>Sum</dt><dd>{re.escape(signed(amount))}<", narrower), address
