"""A month as FOCUS rows: complete, exact, and in pieces."""

import json
from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import func, select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.focus import COLUMNS
from jarvis_admin.models import WorkspaceMonth
from jarvis_admin.services import focus
from tests.factories import make_workspace
from tests.fleets import make_interval
from tests.web.console import Console
from tests.web.reporting import HOUR, LAST, fleet_total, read_csv, seed

REPORTS = "/costs/reports"


def test_focus_rows_add_up_to_the_month(admin: Console, sessions: Sessions):
    with sessions() as session:
        seed(session, 9)
        session.commit()

    answer = admin.get(f"{REPORTS}/focus.csv?month={LAST}")
    rows = read_csv(answer.text)

    assert sum(Decimal(row["BilledCost"]) for row in rows) == fleet_total(sessions)
    assert list(rows[0]) == list(COLUMNS)
    for cost in ("EffectiveCost", "ListCost", "ContractedCost"):
        assert sum(Decimal(row[cost]) for row in rows) == fleet_total(sessions)
    assert all(row["BillingCurrency"] == "USD" for row in rows)
    assert rows[0]["BillingPeriodStart"] == f"{LAST}-01T00:00:00Z"
    tags = [json.loads(row["Tags"]) for row in rows]
    assert {tag["owner"] for tag in tags} == {"user", "unallocated"}
    assert {row["SubAccountName"] for row in rows if row["SubAccountName"]} == {
        f"user-{number:03d}" for number in range(9)
    }
    assert f"jarvis-focus-1.2-{LAST}.csv" in answer.headers["Content-Disposition"]


def test_focus_comes_in_pieces(sessions: Sessions):
    with sessions() as session:
        seed(session, 3)
        plan_users = [make_workspace(session, handle=f"more-{n}") for n in range(focus._AT_ONCE)]
        for row in plan_users:
            make_interval(session, row, LAST.start, HOUR)
        session.commit()
    wanted = fleet_total(sessions)
    with sessions() as session:
        pieces: Iterator[str] = focus.csv_lines(session, LAST)

        head, first = next(pieces), next(pieces)

        assert head.startswith("BilledCost,")
        assert first.count("\r\n") == focus._AT_ONCE
        rest = "".join(pieces)
        counted = session.scalar(select(func.count()).select_from(WorkspaceMonth))
        assert counted == focus._AT_ONCE + 3
        costs = [Decimal(r["BilledCost"]) for r in read_csv(head + first + rest)]
        assert sum(costs) == wanted
