"""/machines, page by page: every row exactly once, in every order, forwards and back."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.db import Sessions
from tests.factories import make_plan, make_user, make_workspace
from tests.web.console import Console
from tests.web.test_machines import handles

ROWS = 120  # three pages, the last one not full
ORDERS = ["user", "state", "region", "size", "image", "active", "cost"]


@pytest.fixture
def many(sessions: Sessions) -> set[str]:
    """Few different values, so that most rows tie in most orders."""
    now = datetime.now(UTC)
    with sessions() as session:
        plan = make_plan(session)
        for number in range(ROWS):
            make_workspace(
                session,
                user=make_user(session, handle=f"u{number:03}", plan=plan),
                state=("started", "suspended", "stopped")[number % 3],
                region=("fra", "lhr")[number % 2],
                month_nano=number % 4 * 10**9,
                last_active_at=now - timedelta(hours=number % 5),
            )
        session.commit()
    return {f"u{number:03}" for number in range(ROWS)}


def walk(console: Console, address: str, rel: str) -> list[list[str]]:
    pages = []
    for _ in range(10):
        page = console.get(address).text
        pages.append(handles(page))
        link = re.search(rf'href="([^"]+)" rel="{rel}"', page)
        if link is None:
            return pages
        address = link[1].replace("&amp;", "&")
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("order", [*ORDERS, *(f"-{name}" for name in ORDERS)])
def test_every_row_is_shown_exactly_once_in_both_directions(
    admin: Console, many: set[str], order: str
):
    forwards = walk(admin, f"/machines?q=sort:{order}", "next")
    last = admin.get(f"/machines?q=sort:{order}").text
    for _ in forwards[1:]:
        link = re.search(r'href="([^"]+)" rel="next"', last)
        assert link
        address = link[1].replace("&amp;", "&")
        last = admin.get(address).text
    backwards = walk(admin, address, "prev")

    shown = [handle for page in forwards for handle in page]
    assert sorted(shown) == sorted(many)
    assert [len(page) for page in forwards] == [50, 50, 20]
    assert backwards[::-1] == forwards


@pytest.mark.usefixtures("many")
def test_a_filter_stays_while_one_turns_pages(admin: Console):
    pages = walk(admin, "/machines?q=region:fra", "next")

    assert [len(page) for page in pages] == [50, 10]


@pytest.mark.usefixtures("many")
def test_a_row_that_goes_between_two_pages_is_not_missed_by_others(
    admin: Console, sessions: Sessions
):
    first = admin.get("/machines").text
    with sessions() as session:
        make_workspace(session, handle="a-new-one")
        session.commit()
    link = re.search(r'href="([^"]+)" rel="next"', first)
    assert link

    assert handles(admin.get(link[1]).text)[0] == "u050"


@pytest.mark.usefixtures("many")
def test_heads_name_the_order_and_turn_it_round(admin: Console):
    page = admin.get("/machines?q=sort:-cost").text

    head = page.partition("<thead")[2].partition("</thead>")[0]
    assert head.count("aria-sort") == 1
    assert 'aria-sort="descending"><a href="/machines?q=sort:cost"' in head
