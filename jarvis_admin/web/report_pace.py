"""/costs/reports/pace: a month as it grew, against the month before and the fleet's budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from flask import Blueprint, Response, render_template
from sqlalchemy import select

from jarvis_admin.domain.money import NANO, csv_dollars, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.rights import Right
from jarvis_admin.models import Budget
from jarvis_admin.services import costs
from jarvis_admin.services.costs import MonthCosts
from jarvis_admin.web import cost_tables, csv_files, months
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.figures import hover, money_axis
from jarvis_admin.web.session import db_reader

bp = Blueprint("report_pace", __name__)


@dataclass(frozen=True)
class Pace:
    """Sums from the first of the month to the end of each day, by day of the month."""

    now: Sequence[int]
    before: Sequence[int]
    budget: int | None

    @property
    def days(self) -> int:
        return max(len(self.now), len(self.before))


@bp.get("/pace")
@needs(Right.COSTS_READ)
def show() -> str:
    now = datetime.now(UTC)
    month = months.asked(now)
    found = costs.month_costs(db_reader(), month, now)
    pace = _pace(found)
    spent, before = found.grid.total, found.before.total
    return render_template(
        "costs/reports/pace.html",
        month=month,
        running=month == Month.of(now),
        choices=months.choices(costs.first_month(db_reader(), now), month, now),
        figure=_figure(pace, month),
        spent=dollars(spent),
        before=dollars(before),
        change=cost_tables.change(spent - before),
        compared=cost_tables.compared(spent, before, f"in {month.previous.name} by then"),
        whole=dollars(found.before_whole.total),
        budget=dollars(pace.budget) if pace.budget is not None else "",
        budget_used=cost_tables.share(spent, pace.budget or 0),
        rows=list(reversed(_rows(pace))),
        exports=Right.COSTS_EXPORT in staff().rights,
    )


@bp.get("/pace.csv")
@needs(Right.COSTS_EXPORT)
def pace_csv() -> Response:
    now = datetime.now(UTC)
    month = months.asked(now)
    pace = _pace(costs.month_costs(db_reader(), month, now))
    head = ["day_of_month", f"{month}_to_date_usd", f"{month.previous}_to_date_usd"]
    rows = [
        [
            str(n + 1),
            *(csv_dollars(sums[n]) if n < len(sums) else "" for sums in (pace.now, pace.before)),
        ]
        for n in reversed(range(pace.days))
    ]
    return csv_files.attachment(f"jarvis-pace-{month}.csv", head, rows)


def _pace(found: MonthCosts) -> Pace:
    budget = db_reader().scalar(select(Budget.amount_nano).where(Budget.scope == "fleet").limit(1))
    now, before = found.grid, found.before_whole
    return Pace(
        list(accumulate(map(now.of_day, now.days))),
        list(accumulate(map(before.of_day, before.days))),
        budget,
    )


def _rows(pace: Pace) -> list[tuple[str, str, str, str]]:
    rows = []
    for n in range(pace.days):
        now = pace.now[n] if n < len(pace.now) else None
        before = pace.before[n] if n < len(pace.before) else None
        both = now is not None and before is not None
        rows.append(
            (
                str(n + 1),
                "–" if now is None else dollars(now),
                "–" if before is None else dollars(before),
                cost_tables.change((now or 0) - (before or 0)) if both else "–",
            )
        )
    return rows


def _figure(pace: Pace, month: Month) -> dict[str, Any]:
    lines = [
        _line(month.name, pace.now, {"color": "var(--j-c1)", "width": 2}),
        _line(
            month.previous.name,
            pace.before,
            {"color": "var(--j-ink-2)", "width": 1.5, "dash": "dot"},
        ),
    ]
    if pace.budget is not None:
        look = {"color": "var(--j-bad-fill)", "width": 1, "dash": "dash"}
        lines.append(_line("Budget", [pace.budget] * pace.days, look))
    return {
        "data": lines,
        "layout": {
            "xaxis": {"dtick": 1, "range": [0.5, pace.days + 0.5]},
            "yaxis": money_axis([*pace.now, *pace.before, pace.budget or 0]),
        },
    }


def _line(name: str, sums: Sequence[int], look: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(range(1, len(sums) + 1)),
        "y": [nano / NANO for nano in sums],
        "line": look,
        **hover(sums),
    }
