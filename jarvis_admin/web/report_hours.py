"""/costs/reports/hours: when machines run, by hour of the week."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock

from flask import Blueprint, Response, current_app, render_template
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from jarvis_admin.domain.rights import Right
from jarvis_admin.services import run_hours
from jarvis_admin.services.run_hours import WEEKS, RunHours
from jarvis_admin.web import csv_files
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.session import db_reader

bp = Blueprint("report_hours", __name__)

_KEPT = timedelta(hours=1)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHADES = 5
_SECONDS_PER_HOUR = 3600


@dataclass
class _Known:
    """The last answer of a process; reading four weeks of intervals is not for every visit."""

    hours: RunHours
    at: datetime


class Kept:
    """One thread reads, the others wait for its answer."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[Engine, _Known] = {}

    def fresh(self, engine: Engine, now: datetime) -> RunHours | None:
        known = self._known.get(engine)
        if known is None or known.hours.until != now.date() or now - known.at > _KEPT:
            return None
        return known.hours

    def read(self, engine: Engine, session: Session, today: date, now: datetime) -> RunHours:
        with self._lock:
            found = self.fresh(engine, now)
            if found is None:
                found = run_hours.run_hours(session, today)
                self._known = {engine: _Known(found, now)}
            return found


_kept = Kept()


@bp.get("/hours")
@needs(Right.COSTS_READ)
def show() -> str:
    """The page comes at once and asks for its table, unless the answer is known."""
    now = datetime.now(UTC)
    later = _kept.fresh(_engine(), now) is None and not wants_fragment()
    return render_template(
        "costs/reports/hours.html",
        map=None if later else _table(_hours(now)),
        days=_DAYS,
        exports=Right.COSTS_EXPORT in staff().rights,
    )


@bp.get("/hours/table")
@needs(Right.COSTS_READ)
def table() -> str:
    """The heat map itself; also a page for whoever has no script."""
    found = _table(_hours(datetime.now(UTC)))
    template = "costs/reports/_hours.html" if wants_fragment() else "costs/reports/hours.html"
    exports = Right.COSTS_EXPORT in staff().rights
    return render_template(template, map=found, days=_DAYS, exports=exports)


@bp.get("/hours.csv")
@needs(Right.COSTS_EXPORT)
def hours_csv() -> Response:
    found = _hours(datetime.now(UTC))
    rows = [
        [
            _DAYS[day],
            str(hour),
            _mean(seconds).replace(",", ""),
            f"{seconds / _SECONDS_PER_HOUR:.3f}",
        ]
        for day, row in enumerate(found.seconds)
        for hour, seconds in enumerate(row)
    ]
    head = ["weekday_utc", "hour_utc", "mean_machines", f"machine_hours_of_{WEEKS}_weeks"]
    return csv_files.attachment(f"jarvis-run-hours-{found.first}-{found.until}.csv", head, rows)


@dataclass(frozen=True)
class Map:
    first: date
    last: date
    total: str
    busiest: str
    rows: list[tuple[str, list[tuple[str, int]], str]]  # day, (mean machines, shade), hours


def _table(found: RunHours) -> Map:
    peak = found.most
    day, hour = max(
        ((day, hour) for day in range(7) for hour in range(24)),
        key=lambda at: found.seconds[at[0]][at[1]],
    )
    together = _mean(found.seconds[day][hour])
    return Map(
        found.first,
        found.until - timedelta(days=1),
        f"{found.total / _SECONDS_PER_HOUR:,.0f}",
        f"{_DAYS[day]} {hour:02d} – {hour + 1:02d}, {together} machines at once" if peak else "",
        [
            (
                _DAYS[day],
                [(_mean(seconds), _shade(seconds, peak)) for seconds in row],
                _mean(sum(row)),
            )
            for day, row in enumerate(found.seconds)
        ],
    )


def _shade(seconds: int, peak: int) -> int:
    return -(-_SHADES * seconds // peak) if peak else 0


def _mean(seconds: int) -> str:
    """Machine-hours in one such hour: how many ran at once, on average."""
    mean = seconds / _SECONDS_PER_HOUR / WEEKS
    return f"{mean:,.1f}" if mean < 100 else f"{mean:,.0f}"


def _hours(now: datetime) -> RunHours:
    return _kept.read(_engine(), db_reader(), now.date(), now)


def _engine() -> Engine:
    engine: Engine = current_app.extensions["engine"]
    return engine
