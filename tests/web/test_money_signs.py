"""What takes money off: its sign, its share, and its name, on every page."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.months import Month
from jarvis_admin.models import LedgerEntry, Workspace
from jarvis_admin.services import ledger
from jarvis_admin.web.entry_words import WORDS
from jarvis_admin.web.figures import hover, money_axis
from tests.factories import make_workspace
from tests.fleets import make_interval
from tests.web import tables
from tests.web.console import Console

HOUR = timedelta(hours=1)


@pytest.fixture
def alice(sessions: Sessions) -> Workspace:
    """Two dollars of compute and volume, and a credit of thirty."""
    with sessions() as session:
        row = make_workspace(session, handle="alice")
        start = Month.of(datetime.now(UTC)).start
        for component, nano in (("compute", 3 * NANO // 2), ("volume", NANO // 2)):
            make_interval(
                session, row, start, HOUR,
                component=component, resource_id=f"r-{component}", amount_nano=nano,
            )  # fmt: skip
        book(session, row.id, Kind.CREDIT, -30 * NANO)
        session.commit()
        return row


def book(session: Session, workspace_id: int | None, kind: Kind, nano: int) -> None:
    entry = LedgerEntry(
        workspace_id=workspace_id,
        owner="user" if workspace_id else "fleet",
        day=Month.of(datetime.now(UTC)).first,
        kind=kind,
        component="adjustment",
        resource_id="by-hand",
        amount_nano=nano,
        booked_at=datetime.now(UTC),
    )
    ledger.book(session, [entry])


def test_shares_are_of_what_was_spent_not_of_what_a_credit_left(admin: Console, alice: Workspace):
    page = admin.get("/machines/alice").text
    rows = {row[0]: row[3] for row in tables.rows(page, "Cost by component")[1:]}

    assert (rows["Compute"], rows["Volume"], rows["Adjustments"]) == ("75.0 %", "25.0 %", "–")


@pytest.mark.parametrize("address", ["/costs", "/costs/users/alice", "/costs/reports"])
def test_no_bar_is_longer_than_all_there_is(admin: Console, alice: Workspace, address: str):
    page = admin.get(address).text

    shares = [float(found) for found in re.findall(r'aria-label="([\d.]+) %"', page)]
    assert max(shares) == 75.0
    assert all(0 <= share <= 100 for share in shares)


def test_a_negative_sum_has_its_sign_before_the_dollar(admin: Console, alice: Workspace):
    for address in ("/machines/alice", "/costs/users/alice", "/costs/reports/lines"):
        page = admin.get(address).text

        assert "−$2" in page, address
        assert "$−" not in page, address
        assert "$-" not in page, address


def test_a_chart_spells_out_the_hovers_of_a_credit(admin: Console, alice: Workspace):
    page = admin.get("/machines/alice").text
    figure = json.loads(page.partition('id="cost"')[2].split('json">')[1].split("</script>")[0])
    bars = {bar["name"]: bar for bar in figure["data"]}

    assert bars["Adjustments"]["customdata"][0] == "−$30.0000"
    assert bars["Adjustments"]["hovertemplate"] == "%{customdata}"
    assert bars["Compute"]["hovertemplate"] == "$%{y:,.4f}"
    assert figure["layout"]["yaxis"]["tickformat"].startswith("$")
    assert "tickprefix" not in figure["layout"]["yaxis"]


def test_cents_stand_on_an_axis_only_where_they_can_be_told_apart():
    assert money_axis([NANO, -7 * NANO])["tickformat"] == "$,.2f"
    assert money_axis([NANO, -8 * NANO])["tickformat"] == "$,.0f"
    assert money_axis([])["tickformat"] == "$,.2f"
    assert "customdata" not in hover([0, NANO])


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_entry_has_a_name(admin: Console, sessions: Sessions, kind: Kind):
    with sessions() as session:
        book(session, None, kind, NANO)
        session.commit()
        number = session.query(LedgerEntry.id).scalar()

    for address in ("/costs/reports/lines", "/costs/ledger?kind=all", f"/costs/ledger/{number}"):
        page = admin.get(address).text
        assert WORDS[kind] in page, address
        assert "_" not in kind or kind not in re.sub(r'value="[^"]*"', "", page), address
