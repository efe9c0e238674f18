"""/: where the fleet is, what it costs, and what needs somebody."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zlib import crc32

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from jarvis_admin.domain import regions
from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.query import Query
from jarvis_admin.domain.rights import Right
from jarvis_admin.services import costs, operation_list, overview
from jarvis_admin.services.overview import MOVING, STUCK, RegionCounts
from jarvis_admin.web import cost_tables, figures, live, machine_query, months, needs_list
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.operation_rows import prepare
from jarvis_admin.web.session import db_reader

bp = Blueprint("overview", __name__)

_LATEST = 8
_COLUMNS = (MachineState.STARTED, MachineState.SUSPENDED, MachineState.STOPPED, MOVING, STUCK)


@bp.get("/")
@needs(Right.MACHINES_READ)
def index() -> ResponseReturnValue:
    now = datetime.now(UTC)
    seen = live.read(now)
    if wants_fragment() and seen.unchanged:
        return seen.not_modified()
    found = overview.regions(db_reader())
    everywhere = overview.everywhere(found)
    context = {
        "live": seen,
        "now": now,
        "here": request.full_path.rstrip("?"),
        "needs": needs_list.prepare(overview.needs(db_reader(), now), seen, now),
        "counters": machine_query.counters(Query(), everywhere.states),
        "columns": [column.capitalize() for column in _COLUMNS],
        "regions": [_region(counts) for counts in found],
        "everywhere": _region(everywhere),
        "latest": prepare(operation_list.latest(db_reader(), _LATEST), now),
        "spend": _spend(now) if Right.COSTS_READ in staff().rights else None,
    }
    if wants_fragment():
        return seen.fragment(render_template("overview/_live.html", **context))
    return render_template("overview/index.html", **context)


@dataclass(frozen=True)
class _Cell:
    count: str
    look: str
    query: str


@dataclass(frozen=True)
class _Region:
    code: str
    city: str
    cells: list[_Cell]


def _region(counts: RegionCounts) -> _Region:
    place = f"region:{counts.region}" if counts.region else ""
    cells = [_Cell(f"{counts.total:,}", "", place)]
    for state in _COLUMNS:
        count = counts.count(state)
        look = "stuck" if state == STUCK and count else ""
        cells.append(_Cell(f"{count:,}", look, f"{place} state:{state}".strip()))
    return _Region(counts.region, regions.city(counts.region) if counts.region else "", cells)


def _spend(now: datetime) -> dict[str, object]:
    """To the minute: a poll in between finds the same figures, and the chart stands still."""
    now = now.replace(second=0, microsecond=0)
    month = Month.of(now)
    found = costs.month_costs(db_reader(), month, now)
    figure = figures.stacked_days(found.grid, month)
    before = f"on {found.before.days[-1].day} {month.previous.name}"
    return {
        "month": month,
        "period": months.period(month, now),
        "figure": figure,
        "key": f"{crc32(repr(figure).encode()):x}",
        "table": cost_tables.day_table(found.grid, now),
        "total": dollars(found.grid.total),
        "compared": cost_tables.compared(
            found.grid.total, found.before.total, f"{before} at this time"
        ),
        "before": dollars(found.before.total),
        "before_whole": dollars(found.before_whole.total),
        "components": cost_tables.component_table(found),
    }
