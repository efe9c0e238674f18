"""/costs/reports/users: how a month's costs spread over users."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template

from jarvis_admin.domain.distribution import PERCENTS, Bin, histogram, percentile
from jarvis_admin.domain.money import csv_dollars, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.rights import Right
from jarvis_admin.services import costs, distribution
from jarvis_admin.web import csv_files, months
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.cost_tables import share
from jarvis_admin.web.session import db_reader

bp = Blueprint("report_distribution", __name__)


@bp.get("/users")
@needs(Right.COSTS_READ)
def show() -> str:
    now = datetime.now(UTC)
    month = months.asked(now)
    amounts = distribution.amounts(db_reader(), month)
    bins, total = histogram(amounts), sum(amounts)
    return render_template(
        "costs/reports/users.html",
        month=month,
        running=month == Month.of(now),
        choices=months.choices(costs.first_month(db_reader(), now), month, now),
        count=f"{len(amounts):,}",
        total=dollars(total),
        mean=dollars(total // len(amounts)) if amounts else "",
        figure=_figure(bins),
        bins=[
            (_label(each), f"{each.count:,}", share(each.count, len(amounts)), dollars(each.nano))
            for each in bins
        ],
        percentiles=[
            (
                "The dearest" if percent == 100 else f"{percent} %",
                dollars(percentile(amounts, percent)),
            )
            for percent in PERCENTS
        ]
        if amounts
        else [],
        exports=Right.COSTS_EXPORT in staff().rights,
    )


@bp.get("/users.csv")
@needs(Right.COSTS_EXPORT)
def users_csv() -> Response:
    month = months.asked(datetime.now(UTC))
    rows = [
        [_bound(each.low), _bound(each.high), str(each.count), csv_dollars(each.nano)]
        for each in histogram(distribution.amounts(db_reader(), month))
    ]
    head = ["from_usd", "below_usd", "users", "sum_usd"]
    return csv_files.attachment(f"jarvis-cost-distribution-{month}.csv", head, rows)


def _figure(bins: list[Bin]) -> dict[str, Any]:
    bar = {
        "type": "bar",
        "name": "Users",
        "x": [f"${_edge(each.low)}" for each in bins],
        "customdata": [_label(each) for each in bins],
        "y": [each.count for each in bins],
        "marker": {"color": "var(--j-c1)", "line": {"width": 0}},
        "hovertemplate": "%{y:,} users, %{customdata}",
    }
    return {
        "data": [bar],
        "layout": {
            "bargap": 0.08,
            "xaxis": {"type": "category"},
            "yaxis": {"tickformat": ",d", "nticks": 5, "rangemode": "tozero"},
        },
    }


def _label(each: Bin) -> str:
    if each.low is None:
        return f"below ${_edge(each.high)}"
    return (
        f"${_edge(each.low)} –" if each.high is None else f"${_edge(each.low)} – {_edge(each.high)}"
    )


def _edge(nano: int | None) -> str:
    return dollars(nano or 0).removesuffix(".00")


def _bound(nano: int | None) -> str:
    return "" if nano is None else dollars(nano)
