"""/costs/savings: our fleet, and the scenarios of the requirement."""

from decimal import Decimal

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import dollars
from tests.factories import make_workspace
from tests.fleets import make_interval
from tests.web import tables
from tests.web.console import Console
from tests.web.reporting import HOUR, LAST, read_csv


def test_savings_of_the_fleet(admin: Console, sessions: Sessions):
    with sessions() as session:
        row = make_workspace(session)
        told = {"plan": row.plan.key}
        make_interval(session, row, LAST.start, 6 * HOUR, rate_pico=10**9, **told)
        make_interval(session, row, LAST.start + 6 * HOUR, 18 * HOUR, component="rootfs",
                      rate_pico=10**6, **told)  # fmt: skip
        session.commit()

    (kind,) = read_csv(admin.get(f"/costs/savings/fleet.csv?month={LAST}").text)
    table = tables.rows(
        admin.get(f"/costs/savings?month={LAST}").text, "Our fleet against other ways"
    )

    assert Decimal(kind["always_on_usd"]) == Decimal("86.4")
    assert Decimal(kind["actual_usd"]) == Decimal("21.6") + Decimal("0.0648")
    assert table[1][:2] == ["Always on, same sizes", "86.40"]
    assert table[2][1] == dollars(7 * 10**9 // 30)


def test_the_scenarios_are_told_for_any_region(admin: Console):
    page = admin.get("/costs/savings?region=syd").text

    sides = tables.rows(page, "The scenarios side by side")
    assert [row[0] for row in sides[1:]] == ["Example", "Conservative", "Moderate", "Heavy"]
    assert sides[1][2:4] == ["about $75", "74.83"]
    assert sides[4][2:4] == ["$400 – 500", "490.50"]
    assert "the price of 256 MB" in page
    assert admin.get("/costs/savings?region=xyz").status_code == 422
