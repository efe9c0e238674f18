"""/costs/reports: the fleet's costs grouped, narrowed, compared and taken away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, render_template
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Forbidden, Invalid
from jarvis_admin.services import focus, report_days, report_notes, reports
from jarvis_admin.services.costs import IDLE
from jarvis_admin.services.reports import Group, Report
from jarvis_admin.web import (
    cost_tables,
    csv_files,
    months,
    report_bands,
    report_distribution,
    report_figures,
    report_hours,
    report_lines,
    report_movers,
    report_pace,
    report_tables,
)
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.report_bands import Band
from jarvis_admin.web.report_query import PATH, Asked
from jarvis_admin.web.session import db_reader

bp = Blueprint("reports", __name__, url_prefix=PATH)
for part in (report_movers, report_distribution, report_hours, report_lines, report_pace):
    bp.register_blueprint(part.bp)


@dataclass(frozen=True)
class _Shown:
    """Everything that page and file have in common."""

    asked: Asked
    report: Report
    bands: list[Band]
    now: datetime


@bp.get("")
@needs(Right.COSTS_READ)
def index() -> str | tuple[str, int]:
    shown = _shown()
    asked, report, bands = shown.asked, shown.report, shown.bands
    notes = report_notes.notes(db_reader(), asked.period)
    month = Month.of(asked.period.last)
    page = render_template(
        "costs/reports/index.html",
        asked=asked,
        before=asked.period.before(asked.step),
        running=asked.period.until > shown.now.date(),
        report=report,
        bands=bands,
        figure=report_figures.stacked(report, bands, asked.step, asked.period, notes),
        rows=report_tables.step_rows(report, bands, asked, shown.now.date()),
        parts=report_tables.band_rows(report, bands, asked),
        sums=[dollars(report.of_band(band.key)) for band in bands],
        total=dollars(report.total),
        who=report_tables.who_all(asked),
        total_before=dollars(report.total_before),
        change=cost_tables.change(report.total - report.total_before),
        compared=cost_tables.compared(report.total, report.total_before, "before"),
        hidden=dollars(report.hidden) if report.hidden else "",
        no_idle=asked.group is not Group.COMPONENT or IDLE not in report.bands,
        notes=notes,
        month=month,
        month_running=month == Month.of(shown.now),
        users=_users(asked),
        exports=Right.COSTS_EXPORT in staff().rights,
    )
    return (page, 422) if asked.misread else page


@bp.get("/days.csv")
@needs(Right.COSTS_EXPORT)
def days_csv() -> Response:
    shown = _shown()
    if shown.asked.error is not None:
        raise shown.asked.error
    if shown.asked.misread:
        raise Invalid(shown.asked.misread)
    first, last = shown.asked.period.first, shown.asked.period.last
    return csv_files.attachment(
        f"jarvis-costs-by-{shown.asked.group}-{first}-{last}.csv",
        report_tables.file_head(shown.bands, shown.asked),
        report_tables.file_rows(shown.report, shown.bands, shown.asked),
    )


@bp.get("/focus.csv")
@needs(Right.COSTS_EXPORT)
def focus_csv() -> Response:
    """Written while it is read: the rows of a month do not fit into a page's memory."""
    now = datetime.now(UTC)
    month = months.asked(now)
    response = Response(_focus_lines(current_app.extensions["reading"], month))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    so_far = "-closed-so-far" if month == Month.of(now) else ""
    name = f"jarvis-focus-1.2-{month}{so_far}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _focus_lines(engine: Engine, month: Month) -> Iterator[str]:
    """With a connection of its own, which outlives the request; one moment for all its reads."""
    snapshot = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with (
        engine.connect().execution_options(**snapshot) as connection,
        Session(connection) as reader,
    ):
        yield from focus.csv_lines(reader, month)


def _shown() -> _Shown:
    now = datetime.now(UTC)
    asked = Asked.read(db_reader(), now)
    if asked.narrowing.workspaces is not None and Right.USER_COSTS_READ not in staff().rights:
        raise Forbidden("Your role does not see what single users cost.")
    report = _report(asked, now)
    return _Shown(asked, report, report_bands.bands(report.bands, asked.group, asked.plans), now)


def _report(asked: Asked, now: datetime) -> Report:
    days = report_days.by_day(db_reader(), asked.group, asked.narrowing, asked.period, now)
    before = None
    if asked.compare:
        period = asked.period.before(asked.step)
        before = report_days.by_day(db_reader(), asked.group, asked.narrowing, period, now)
        if asked.period.until > now.date() and period.days == asked.period.days:
            before = before.until_the_same_moment(now)
    return reports.shape(days, before, asked.group, asked.step, asked.narrowing)


def _users(asked: Asked) -> list[str]:
    """The handles the query names: each has its intervals one click away."""
    return sorted({str(v) for t in asked.query.terms if t.field == "user" for v in t.values})
