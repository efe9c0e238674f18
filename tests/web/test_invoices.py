"""/costs/invoices: upload, compare, explain, take away."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jarvis_admin.db import Sessions
from jarvis_admin.domain.months import Month
from tests.factories import make_workspace
from tests.fleets import make_interval
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console

LAST = Month.of(datetime.now(UTC)).previous
GOOD = b"description,quantity,unit,amount\nVolumes,1,hours,2.00\n=cmd,,,0.30\nRemote builder,,,1\n"
PAGES = ["/costs/invoices", f"/costs/invoices/{LAST}", f"/costs/invoices/{LAST}.csv"]
POSTS = ["/costs/invoices", f"/costs/invoices/{LAST}/compare"]


def upload(console: Console, content: bytes = GOOD, **given: Any) -> Any:
    file = (io.BytesIO(content), "fly <b>.csv")
    return console.post("/costs/invoices", file=file, **{"month": str(LAST), **given})


@pytest.fixture
def usage(sessions: Sessions) -> None:
    with sessions() as session:
        row = make_workspace(session, handle="alice")
        hour = timedelta(hours=1)
        rate = 2 * 10**12 // 3600
        make_interval(session, row, LAST.start, hour, component="volume", rate_pico=rate)
        session.commit()


@pytest.mark.usefixtures("usage")
def test_totals_come_first_then_the_lines(admin: Console):
    answer = upload(admin)

    page = admin.get(answer.location).text
    assert answer.status_code == 303
    assert "Fly says</span><b>3.30<" in page
    assert "We say, users</span><b>2.00<" in page
    assert "Explained</span><b>1.00<" in page
    assert "Unexplained</span><b>0.30<" in page
    assert "Unallocated</span><b>39.4 %<" in page
    assert "fly &lt;b&gt;.csv" in page
    lines = tables.rows(page, "Lines of the invoice")[1:]
    assert [row[0] for row in lines] == ["3", "4", "2"]
    assert lines[2][2:6] == ["1 hours", "1.000", "2.00", "2.00"]
    assert lines[1][-1] == "explained builders"
    assert tables.rows(page, "Explanations")[1][0].startswith("Builders")


@pytest.mark.usefixtures("usage")
def test_a_line_opens_its_explanation(admin: Console):
    upload(admin)

    page = admin.get(f"/costs/invoices/{LAST}?line=2").text

    assert "Line 2" in page
    assert "Compared with our volume." in page
    assert admin.get(f"/costs/invoices/{LAST}?line=99").status_code == 404
    assert admin.get(f"/costs/invoices/{LAST}?line=x").status_code == 422
    assert admin.get(f"/costs/invoices/{LAST}?since=x").status_code == 422


@pytest.mark.usefixtures("usage")
def test_the_comparison_as_a_file_adds_up_and_runs_nothing(admin: Console):
    upload(admin)

    answer = admin.get(f"/costs/invoices/{LAST}.csv")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["description"] for row in rows] == ["'=cmd", "Remote builder", "Volumes"]
    assert {row["fly_usd"] for row in rows} == {"0.300000000", "1.000000000", "2.000000000"}
    assert f"jarvis-invoice-check-{LAST}.csv" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the one that came is empty"),
        (b"name,cost\n,1\n", "Line 2: it does not say what it is for."),
        (b"a,b\n1,2\n", "no column of descriptions"),
        (b"\xff\xfea", "UTF-16"),
    ],
)
def test_a_bad_file_keeps_nothing_and_says_why(admin: Console, content: bytes, said: str):
    answer = upload(admin, content)

    assert answer.status_code == 422
    assert said in answer.text
    assert "No invoice yet" in answer.text


def test_a_file_that_is_too_large_is_refused(admin: Console):
    answer = upload(admin, b"x" * 1_100_000)

    assert answer.status_code == 413
    assert "More was sent than the 1 MB this page takes. Nothing was changed." in answer.text


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://localhost/costs/invoices?x=1", "/costs/invoices"),
        ("http://localhost/costs/prices/preview", "/"),  # takes no GET
        ("http://elsewhere/costs/invoices", "/"),
        ("", "/"),
    ],
)
def test_after_a_file_that_is_too_large_the_form_is_a_click_away(
    admin: Console, came_from: str, back: str
):
    answer = admin.client.post(
        "/costs/invoices", data={"month": "x" * 1_100_000}, headers={"Referer": came_from}
    )

    words = "Back to the form" if back != "/" else "Back to the console"
    assert answer.status_code == 413
    assert tables.link(answer.text, words) == back


@pytest.mark.usefixtures("usage")
def test_an_invoice_below_our_users_cost_says_less(admin: Console):
    answer = upload(admin, b"name,cost\nVolume,0.50\n")

    page = admin.get(answer.location).text
    line = tables.words(admin.get(f"{answer.location}?line=2").text)
    assert "Unallocated" not in page
    assert "Fly says less</span><b>1.50<" in page
    assert tables.rows(page, "Explanations")[-1][::2] == [
        "Fly says less than our users cost, by",
        "1.50",
    ]
    assert "Difference \u2212$1.50000" in line or "Difference \u2212$1.49999" in line


@pytest.mark.parametrize("month", ["", "2026-13", str(Month.of(datetime.now(UTC)))])
def test_a_month_that_is_none_or_not_over(admin: Console, month: str):
    assert upload(admin, month=month).status_code == 422


def test_a_second_invoice_needs_the_tick(admin: Console):
    upload(admin)

    taken = upload(admin, b"name,cost\nVolume,7\n")
    replaced = upload(admin, b"name,cost\nVolume,7\n", replace="1")

    assert taken.status_code == 409
    assert "Tick the box to replace it" in taken.text
    assert replaced.status_code == 303
    assert "Fly says</span><b>7.00<" in admin.get(replaced.location).text


def test_a_total_that_the_lines_do_not_reach_is_said(admin: Console):
    answer = upload(admin, b"name,cost\nVolume,7\nTotal,9.00\n")

    assert "prints a total of $9.00" in admin.get(answer.location).text


def test_it_is_compared_again(admin: Console):
    upload(admin)

    assert admin.post(f"/costs/invoices/{LAST}/compare").status_code == 303
    assert admin.post("/costs/invoices/2026-01/compare").status_code == 404
    assert admin.get("/costs/invoices/nonsense").status_code == 422


def test_more_lines_cost_no_more_statements(admin: Console, count_statements):
    upload(admin)
    with count_statements() as for_few:
        admin.get(f"/costs/invoices/{LAST}")

    upload(admin, b"name,cost\n" + b"Gift,1\n" * 500, replace="1")
    with count_statements() as for_many:
        admin.get(f"/costs/invoices/{LAST}")

    assert len(for_many) == len(for_few)


@pytest.mark.parametrize("page", PAGES)
def test_finance_checks_support_does_not(sign_in: SignIn, page: str):
    finance = sign_in("finance")
    upload(finance)

    assert finance.get(page).status_code == 200
    assert sign_in("support").get(page).status_code == 403


@pytest.mark.parametrize("address", POSTS)
def test_support_and_strangers_upload_nothing(sign_in: SignIn, stranger: Console, address: str):
    assert sign_in("support").post(address).status_code == 403
    assert stranger.post(address).location == "/sign-in"
