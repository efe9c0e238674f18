"""/costs/forecast: what this month will have cost, and how right such figures were before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from flask import Blueprint, render_template, request

from jarvis_admin.domain.forecast import BAND_PERCENT, Forecast, path
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.rights import Right
from jarvis_admin.services import costs, forecast_accuracy, forecasts, plans_in_use, user_costs
from jarvis_admin.services.forecast_accuracy import AFTER_DAYS, Accuracy, Said
from jarvis_admin.web import forecast_figures
from jarvis_admin.web.access import needs
from jarvis_admin.web.cost_tables import change, compared
from jarvis_admin.web.session import db_reader

bp = Blueprint("forecasts", __name__, url_prefix="/costs/forecast")

_USERS = 20
_LONGEST_HANDLE = 63


@bp.get("")
@needs(Right.COSTS_READ)
def index() -> str:
    now = datetime.now(UTC)
    month, start = Month.of(now), request.args.get("q", "").strip().lower()[:_LONGEST_HANDLE]
    found = costs.month_costs(db_reader(), month, now)
    fleet = forecasts.month_end(db_reader(), "fleet", "", now)
    points = path(fleet)
    tried = forecast_accuracy.accuracy(db_reader(), "fleet", "", now)
    return render_template(
        "costs/forecast.html",
        month=month,
        fleet=row("Fleet", fleet, found.before_whole.total),
        known=bool(found.grid.total or found.before_whole.total),
        compared=compared(
            fleet.expected_nano, found.before_whole.total, f"the whole of {month.previous.name}"
        ),
        figure=forecast_figures.cumulative(found.grid, found.before_whole, fleet, points),
        points=[(p.day, *map(dollars, p[1:])) for p in points],
        band=BAND_PERCENT,
        plans=_plans(month, now),
        users=_users(month, start, now),
        start=start,
        accuracy=_accuracy(tried),
        said=[_said(one) for one in tried.said],
    )


@dataclass(frozen=True)
class Row:
    """Of one key, as the tables show it."""

    name: str
    spent: str
    low: str
    expected: str
    high: str
    before: str
    change: str
    tested: bool
    tests: int


def row(name: str, found: Forecast, before: int) -> Row:
    return Row(
        name,
        dollars(found.spent_nano),
        dollars(found.low_nano),
        dollars(found.expected_nano),
        dollars(found.high_nano),
        dollars(before) if before else "–",
        change(found.expected_nano - before) if before else "–",
        found.tested,
        found.tests,
    )


def _plans(month: Month, now: datetime) -> list[Row]:
    known = plans_in_use.of_month(db_reader(), month.previous)
    told = forecasts.month_ends(db_reader(), "plan", [plan.key for plan in known], now)
    rows = [(told[plan.key], plan) for plan in known]
    rows.sort(key=lambda pair: -pair[0].expected_nano)
    return [row(plan.name, found, plan.before_nano) for found, plan in rows]


def _users(month: Month, start: str, now: datetime) -> list[Row]:
    if start:
        page = user_costs.beginning_with(db_reader(), month, start, None, now)
    else:
        page = user_costs.dearest(db_reader(), month, None, now)
    shown = page.rows[:_USERS]
    told = forecasts.month_ends(db_reader(), "user", [one.handle for one in shown], now)
    return [row(one.handle, told[one.handle], one.before_nano or 0) for one in shown]


class Tried(NamedTuple):
    """One line about the past: how far off, and how often inside the band."""

    after: str
    months: int
    error: str
    inside: str
    percent: float


def _accuracy(tried: Accuracy) -> list[Tried]:
    lines = [(f"day {after}", tried.of(after)) for after in AFTER_DAYS]
    return [_tried(*line) for line in [*lines, ("all", tried)] if line[1].said]


def _tried(name: str, some: Accuracy) -> Tried:
    error, count = some.mean_error_ppm or 0, len(some.said)
    percent = round(100 * some.inside / count, 1)
    return Tried(name, count, _percent(error), f"{some.inside} of {count}", percent)


def _said(one: Said) -> Sequence[object]:
    return (
        one.month.title,
        one.after_days,
        dollars(one.low_nano),
        dollars(one.expected_nano),
        dollars(one.high_nano),
        dollars(one.became_nano),
        _percent(one.error_ppm, signed=True),
        one.inside,
    )


def _percent(ppm: int, *, signed: bool = False) -> str:
    written = f"{abs(ppm) / 10_000:.1f}"
    if not signed or written == "0.0":
        return written
    return f"{'+' if ppm > 0 else '−'}{written}"
