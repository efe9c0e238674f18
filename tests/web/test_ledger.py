"""/costs/ledger: entries, adjustments, reservations."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import LedgerEntry, Reservation
from tests.factories import make_workspace
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console

TODAY = datetime.now(UTC).date()
PAGES = ["/costs/ledger", "/costs/ledger/1"]
FORMS = ["/costs/ledger/new", "/costs/ledger/reservations/new"]
POSTS = [
    "/costs/ledger/new/plan",
    "/costs/ledger/new",
    "/costs/ledger/1/counter",
    "/costs/ledger/reservations",
    "/costs/ledger/reservations/1/end",
    "/costs/ledger/reservations/plan",
    "/costs/ledger/reservations/1/remove",
]


def form(**given: Any) -> dict[str, Any]:
    return {
        "kind": "credit",
        "user": "alice",
        "amount": "12.50",
        "direction": "off",
        "day": str(TODAY),
        "reason": "an outage",
        **given,
    }


def seed(sessions: Sessions) -> None:
    with sessions() as session:
        make_workspace(session, handle="alice")
        session.commit()


def entries(sessions: Sessions) -> list[LedgerEntry]:
    with sessions() as session:
        return list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


def reserve(console: Console, step: str = "", **given: Any) -> Any:
    return console.post(
        f"/costs/ledger/reservations{step}",
        **{
            "block": "shared-36",
            "blocks": "2",
            "region": "fra",
            "first_day": str(TODAY),
            "reason": "bought at Fly",
            **given,
        },
    )


def test_an_adjustment_is_planned_then_booked_once(admin: Console, sessions: Sessions):
    seed(sessions)

    plan = admin.post("/costs/ledger/new/plan", **form()).text

    assert "Credit of $12.50?" in plan
    assert "off what alice costs" in plan
    assert entries(sessions) == []
    key = re.search(r'name="key" value="([0-9a-f]+)"', plan)[1]
    answers = [admin.post("/costs/ledger/new", key=key, **form()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    (entry,) = entries(sessions)
    assert (entry.amount_nano, entry.booked_by) == (-12_500_000_000, "Admin Person")
    page = admin.get(answers[0].location).text
    row = tables.rows(page, "Ledger entries")[1]
    assert row[1:3] == ["Credit", "alice"]
    assert row[4:] == ["−12.5000", "an outage", "Admin Person"]


@pytest.mark.parametrize("given", [{"user": ""}, {"amount": "1,000"}])
def test_what_weighs_more_is_typed_again(admin: Console, sessions: Sessions, given: dict[str, str]):
    seed(sessions)
    amount = "1000.00" if "amount" in given else "12.50"

    wrong = admin.post("/costs/ledger/new", typed="12", **form(**given))
    right = admin.post("/costs/ledger/new", typed=amount, **form(**given))

    assert wrong.status_code == 422
    assert f"Type {amount} to book it" in wrong.text
    assert right.status_code == 303
    assert len(entries(sessions)) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "egress"}, "Choose a credit"),
        ({"kind": "gift"}, "Choose a credit"),
        ({"amount": "much"}, "is not an amount"),
        ({"amount": "-5"}, "without a sign"),
        ({"direction": "adds"}, "to add a cost, book a correction"),
        ({"day": "yesterday"}, "Give the day"),
        ({"day": str(TODAY + timedelta(days=1))}, "may be booked from"),
        ({"user": "nobody"}, "no user nobody"),
        ({"reason": ""}, "Give a reason"),
    ],
)
@pytest.mark.parametrize("address", ["/costs/ledger/new/plan", "/costs/ledger/new"])
def test_what_cannot_be_booked_keeps_what_was_typed(
    admin: Console, sessions: Sessions, address: str, given: dict[str, str], said: str
):
    seed(sessions)

    answer = admin.post(address, **form(**given))

    assert answer.status_code == 422
    assert said in answer.text
    assert 'name="amount" value="' + form(**given)["amount"] in answer.text
    assert entries(sessions) == []


def test_an_entry_is_countered_from_its_page(admin: Console, sessions: Sessions):
    seed(sessions)
    admin.post("/costs/ledger/new", **form())
    (entry,) = entries(sessions)
    assert "Counter entry" in admin.get(f"/costs/ledger/{entry.id}").text

    answer = admin.post(f"/costs/ledger/{entry.id}/counter", reason="a slip")

    assert answer.status_code == 303
    assert [row.amount_nano for row in entries(sessions)] == [-12_500_000_000, 12_500_000_000]
    assert "Counter entry" not in admin.get(f"/costs/ledger/{entry.id}").text
    assert admin.post(f"/costs/ledger/{entry.id}/counter", reason="again").status_code == 409
    counter = entries(sessions)[1]
    listed = [row[1] for row in tables.rows(admin.get("/costs/ledger").text, "Ledger entries")]
    assert sorted(listed[1:-1]) == [
        f"Credit countered by {counter.id}",
        f"Credit counters {entry.id}",
    ]
    page, back = (admin.get(f"/costs/ledger/{one.id}").text for one in (entry, counter))
    assert tables.link(page, f"entry {counter.id}") == f"/costs/ledger/{counter.id}"
    assert tables.link(back, f"entry {entry.id}") == f"/costs/ledger/{entry.id}"
    assert "\u2212$12.500000000" in page


def test_the_list_filters_by_kind_month_and_user(admin: Console, sessions: Sessions):
    seed(sessions)
    admin.post("/costs/ledger/new", **form())
    admin.post("/costs/ledger/new", typed="12.50", **form(kind="correction", user=""))

    pages = {asked: admin.get(f"/costs/ledger?{asked}").text for asked in ("", "kind=refund")}
    assert "an outage" in pages[""]
    assert "an outage" in admin.get("/costs/ledger?kind=adjustments").text
    assert "No such entry" in pages["kind=refund"]
    assert "No such entry" in admin.get("/costs/ledger?user=bob").text
    assert "Nothing booked in March 2026" in admin.get("/costs/ledger?month=2026-03").text


@pytest.mark.parametrize("asked", ["kind=gold", "after=x", "after=2026-13-01~credit~1", "month=x"])
def test_what_cannot_be_understood_is_a_clear_page(admin: Console, asked: str):
    assert admin.get(f"/costs/ledger?{asked}").status_code == 422


@pytest.mark.parametrize("number", ["999", "9" * 25])
def test_an_entry_that_is_not_there(admin: Console, number: str):
    assert admin.get(f"/costs/ledger/{number}").status_code == 404
    assert admin.post(f"/costs/ledger/{number}/counter", reason="why").status_code == 404


def test_a_reservation_is_added_and_ended(admin: Console, sessions: Sessions):
    first = TODAY.replace(day=1)
    assert reserve(admin, first_day=str(first)).status_code == 303
    with sessions() as session:
        (row,) = session.scalars(select(Reservation)).all()
        assert (row.yearly_nano, row.credit_nano) == (72 * 10**9, 10 * 10**9)
        assert (row.end_day - row.first_day).days in (365, 366)
    page = admin.get("/costs/ledger").text
    assert tables.rows(page, "Reservations")[1][:5] == [
        "shared in fra",
        "running",
        "2",
        "72.00",
        "10.00",
    ]

    answer = admin.post(
        f"/costs/ledger/reservations/{row.id}/end", end_day=str(TODAY), reason="moved away"
    )

    assert answer.status_code == 303
    # What ends on its first day has never been.
    state = "ended" if first < TODAY else "removed"
    assert tables.rows(admin.get("/costs/ledger").text, "Reservations")[1][1] == state


def test_a_reservation_is_planned_then_added_then_removed(admin: Console, sessions: Sessions):
    first = TODAY.replace(day=1)

    plan = reserve(admin, "/plan", first_day=str(first)).text

    with sessions() as session:
        assert session.scalars(select(Reservation)).all() == []
    assert "Reserve shared in fra?" in plan
    if first < TODAY:
        (row,) = tables.rows(plan, "Booked at once")[1:]
        assert row[1] == str((TODAY - first).days)
    reserve(admin, first_day=str(first))
    assert admin.post("/costs/ledger/reservations/1/remove", reason="").status_code == 422

    answer = admin.post("/costs/ledger/reservations/1/remove", reason="made by mistake")

    assert answer.status_code == 303
    page = admin.get("/costs/ledger").text
    assert tables.rows(page, "Reservations")[1][1] == "removed"
    assert "Remove the reservation" not in page
    assert admin.post("/costs/ledger/reservations/1/remove", reason="again").status_code == 409


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"block": "gold"}, "Choose one of the blocks"),
        ({"blocks": "many"}, "number of blocks"),
        ({"blocks": "0"}, "between 1 and"),
        ({"region": "xxx"}, "know no region"),
        ({"first_day": "soon"}, "first reserved day"),
        ({"first_day": "2020-01-01"}, "older months are closed"),
        ({"reason": " "}, "3 to 500 characters"),
    ],
)
@pytest.mark.parametrize("step", ["", "/plan"])
def test_a_wrong_reservation_is_told_why(
    admin: Console, step: str, given: dict[str, str], said: str
):
    answer = reserve(admin, step, **given)

    assert answer.status_code == 422
    assert said in answer.text


def test_more_entries_cost_no_more_statements(admin: Console, sessions: Sessions, count_statements):
    seed(sessions)
    admin.post("/costs/ledger/new", **form())
    with count_statements() as for_one:
        admin.get("/costs/ledger")

    for _ in range(5):
        admin.post("/costs/ledger/new", **form())
    with count_statements() as for_many:
        admin.get("/costs/ledger")

    assert len(for_many) == len(for_one)


@pytest.mark.parametrize("page", PAGES)
def test_the_ledger_is_read_by_finance_not_by_support(
    sign_in: SignIn, sessions: Sessions, page: str
):
    seed(sessions)
    finance = sign_in("finance")
    finance.post("/costs/ledger/new", **form())

    assert finance.get(page).status_code == 200
    assert sign_in("support").get(page).status_code == 403


@pytest.mark.parametrize("page", FORMS)
def test_finance_opens_the_forms_support_does_not(sign_in: SignIn, page: str):
    assert sign_in("finance").get(page).status_code == 200
    assert sign_in("support").get(page).status_code == 403


@pytest.mark.parametrize("address", POSTS)
def test_support_and_strangers_book_nothing(sign_in: SignIn, stranger: Console, address: str):
    assert sign_in("support").post(address, **form()).status_code == 403
    assert stranger.post(address, **form()).location == "/sign-in"
