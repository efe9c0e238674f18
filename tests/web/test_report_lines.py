"""/costs/reports/lines: every figure of the money pages leads to who it is."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from jarvis_admin.db import Sessions
from jarvis_admin.domain.written_money import signed
from jarvis_admin.models import IdleDay, Workspace
from tests.factories import make_workspace
from tests.fleets import make_interval
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console
from tests.web.reporting import HOUR, LAST, idle, read_csv, seed

LINES, REPORTS = "/costs/reports/lines", "/costs/reports"
_LINK = re.compile(r'<a class="j-explain" href="([^"]+)"[^>]*>([^<]+)</a>')


def seeded(sessions: Sessions) -> None:
    with sessions() as session:
        seed(session, 9)
        one = session.query(Workspace).filter_by(handle="user-000").one()
        for day, nano in ((LAST.first, 12_345_678), (LAST.first + timedelta(days=1), 0)):
            session.add(IdleDay(workspace_id=one.id, day=day, micros=1, amount_nano=nano))
            idle(session, day, nano)
        session.commit()


def follow(console: Console, address: str) -> str:
    return console.get(address.replace("&amp;", "&")).text


def test_every_figure_of_costs_leads_to_lines_of_the_same_sum(admin: Console, sessions: Sessions):
    seeded(sessions)

    page = admin.get(f"/costs?month={LAST}").text
    links = {(url, text) for url, text in _LINK.findall(page) if LINES in url}

    assert len(links) > 20
    assert any("part=idle" in url for url, _ in links)
    assert any("part=used" in url for url, _ in links)
    for url, text in links:
        assert f"<dt>Sum</dt><dd>{signed(text)}<" in follow(admin, url), url
    assert "Compute, used" in page
    assert "of it idle 0.01" in page


@pytest.mark.parametrize("group", ["component", "plan", "region", "size", "group", "owner"])
def test_who_stands_beside_every_band(admin: Console, sessions: Sessions, group: str):
    seeded(sessions)

    page = admin.get(f"{REPORTS}?group={group}&range=last-month").text
    amounts = {row[0]: row[2] for row in tables.rows(page, f"Costs by {group}")[1:]}
    found = re.findall(r'href="([^"]+)" aria-label="Who, ([^"]+)"', page)

    assert len(found) == len(amounts)
    for url, band in found:
        amount = amounts["All" if band == "all of it" else band]
        assert f"<dt>Sum</dt><dd>{signed(amount)}<" in follow(admin, url), band


def test_going_in_ends_at_the_intervals(admin: Console, sessions: Sessions):
    seeded(sessions)
    seen: list[str] = []
    address = f"{REPORTS}?group=group&range=last-month"

    while address.startswith(f"{REPORTS}?"):
        assert address not in seen
        seen.append(address)
        page = follow(admin, address)
        group = re.search(r"group=(\w+)", address)[1]
        table = page.split(f'aria-label="Costs by {group}"', 1)[1].split("</table>", 1)[0]
        address = re.search(r'href="([^"]+)" aria-label="[^"]+, explain"', table)[1]
        address = address.replace("&amp;", "&")

    assert len(seen) == 5
    assert address.startswith(LINES)
    users = follow(admin, address)
    link = re.search(r'href="(/costs/users/[^"]+)"', users)[1]
    assert f"month={LAST}" in link
    assert 'aria-label="Intervals"' in follow(admin, link)


def test_idle_and_used_compute_are_told_apart(admin: Console, sessions: Sessions):
    seeded(sessions)
    base = f"{LINES}?range=last-month&q=component:compute+owner:fleet,user"

    lazy = tables.rows(admin.get(f"{base}&part=idle").text, "Costs by user")
    all_of_it = admin.get(base).text

    assert [row[0] for row in lazy[1:-1]] == ["user-000"]
    sums = [
        Decimal(re.search(r"<dt>Sum</dt><dd>\$([\d.,]+)<", text)[1])
        for text in (admin.get(f"{base}&part=used").text, all_of_it)
    ]
    assert abs(sums[1] - sums[0] - Decimal("0.0123")) <= Decimal("0.01")
    page = admin.get(f"{REPORTS}?range=last-month").text
    targets = re.findall(r'href="([^"]+part=\w+[^"]*)" aria-label="[^"]+, explain"', page)
    assert len(targets) == 2


def test_many_days_are_looked_into_month_by_month(admin: Console, sessions: Sessions):
    seeded(sessions)

    page = admin.get(f"{LINES}?range=90d").text

    assert "Choose a month" in page
    assert "<dt>Sum</dt>" in follow(admin, tables.link(page, LAST.title))


def test_pages_of_users_show_each_once(
    admin: Console, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
):
    seeded(sessions)
    monkeypatch.setattr("jarvis_admin.web.report_lines.PAGE", 4)

    seen, address = [], f"{LINES}?range=last-month"
    while address:
        page = admin.get(address).text
        seen += [row[0] for row in tables.rows(page, "Costs by user")[1:-1]]
        address = tables.link(page, "Next") if ">Next<" in page else ""

    assert sorted(seen) == [f"user-{number:03d}" for number in range(9)]


@pytest.mark.parametrize("asked", ["part=x", "at=x", "q=plan:por", "from=x", "range=year"])
def test_what_cannot_be_understood_is_a_clear_page(admin: Console, asked: str):
    assert admin.get(f"{LINES}?{asked}").status_code == 422


def test_only_who_sees_costs_sees_lines(stranger: Console, sign_in: SignIn):
    assert stranger.get(LINES).location.startswith("/sign-in")
    assert sign_in("support").get(LINES).status_code == 403
    assert sign_in("finance").get(LINES).status_code == 200


def test_days_the_wrong_way_round_are_answered_at_the_form(admin: Console, sessions: Sessions):
    seeded(sessions)

    answer = admin.get(f"{REPORTS}?from=2026-05-02&to=2026-05-01")

    assert answer.status_code == 422
    assert "The last day lies before the first." in answer.text
    assert 'name="from" aria-label="From" value="2026-05-02"' in answer.text
    assert admin.get(f"{REPORTS}/days.csv?from=2026-05-02&to=2026-05-01").status_code == 422


def test_a_file_of_savings_has_plain_numbers(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 3)
        row = make_workspace(session, handle="long")
        told = {"component": "rootfs", "state": "suspended"}
        for number in range(90):
            start = LAST.start + number % 20 * 24 * HOUR
            make_interval(session, row, start, 20 * HOUR, resource_id=f"r{number}", **told)
        session.commit()

    rows = read_csv(admin.get(f"/costs/savings/fleet.csv?month={LAST}").text)

    assert max(Decimal(row["hours_asleep"]) for row in rows) > 1000
    assert not [row for row in rows if "," in row["hours_asleep"]]
