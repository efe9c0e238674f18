"""/costs: what the fleet costs in a month, by day, component and user; and the same as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import escape

from jarvis_admin.domain.money import NANO, amount_nano, csv_dollars, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import cost_bands, costs, user_costs
from jarvis_admin.services.user_costs import Cursor, Page, UserCost
from jarvis_admin.web import cost_tables, csv_files, figures, machine_rows, months, report_lines
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_reader

bp = Blueprint("costs", __name__, url_prefix="/costs")

_HOUR = 3600 * 10**6
_LONGEST_HANDLE = 63


@bp.get("")
@needs(Right.COSTS_READ)
def index() -> str:
    now = datetime.now(UTC)
    month, start = months.asked(now), _start()
    found = costs.month_costs(db_reader(), month, now)
    bands = cost_bands.split(db_reader(), found.grid)
    books = costs.books(db_reader(), month)
    page = _users(month, start, now)
    return render_template(
        "costs/index.html",
        month=month,
        running=month == Month.of(now),
        period=months.period(month, now),
        choices=months.choices(_first_month(found, now), month, now),
        counters=_counters(found, month == Month.of(now)),
        figure=figures.stacked_days(bands, month, books),
        table=cost_tables.day_table(bands, now, _of_band),
        components=cost_tables.component_table(
            found, bands.of_component(costs.IDLE), report_lines.who_of_component
        ),
        total=dollars(found.grid.total),
        before=dollars(found.before.total),
        difference=cost_tables.change(found.grid.total - found.before.total),
        span={"from": str(month.first), "to": str(found.grid.days[-1])},
        books=books,
        users=_user_rows(page.rows, month),
        sums=_sums(page.rows),
        start=start,
        first=_address(month, start) if "after" in request.args else "",
        next=_address(month, start, page.next) if page.next else "",
        exports=Right.COSTS_EXPORT in staff().rights,
    )


@bp.get("/days.csv")
@needs(Right.COSTS_EXPORT)
def days_csv() -> Response:
    now = datetime.now(UTC)
    month = months.asked(now)
    grid = cost_bands.split(db_reader(), costs.month_costs(db_reader(), month, now).grid)
    names = grid.components
    rows = [
        [
            day.isoformat(),
            *(csv_dollars(grid.at(day, name)) for name in names),
            csv_dollars(grid.of_day(day)),
        ]
        for day in grid.days
    ]
    head = ["day_utc", *(f"{name}_usd" for name in names), "total_usd"]
    return csv_files.attachment(f"jarvis-costs-{month}-by-day.csv", head, rows)


@bp.get("/users.csv")
@needs(Right.COSTS_EXPORT)
def users_csv() -> Response:
    now = datetime.now(UTC)
    month = months.asked(now)
    head = ["user", "workspace", "plan", "region", "state", f"{month}_usd", f"{month.previous}_usd"]
    rows = (
        [
            csv_files.text(row.handle),
            str(row.workspace_id),
            csv_files.text(row.plan),
            csv_files.text(row.region),
            csv_files.text(row.state),
            csv_dollars(row.amount_nano),
            csv_dollars(row.before_nano or 0),
        ]
        for row in user_costs.everyone(db_reader(), month, now)
    )
    return csv_files.attachment(f"jarvis-costs-{month}-by-user.csv", head, rows)


@dataclass(frozen=True)
class _Counter:
    label: str
    value: str
    note: str = ""
    url: str = ""


def _of_band(first: date, last: date, band: str) -> str:
    return report_lines.who_of_days(first, last, report_lines.USED if band == "compute" else band)


def _counters(found: costs.MonthCosts, running: bool) -> list[_Counter]:
    spent, before = found.grid.total, found.month.previous
    days = len(found.before_whole.days)
    whole = _Counter(
        before.title,
        dollars(found.before_whole.total),
        f"the whole month, {days} days",
        _who(found.before_whole),
    )
    if not running:
        note = cost_tables.compared(spent, found.before_whole.total, f"in {before.name}")
        return [_Counter(found.month.title, dollars(spent), note, _who(found.grid)), whole]
    note = cost_tables.compared(spent, found.before.total, f"in {before.name} by then")
    hour = amount_nano(found.rate_pico, _HOUR)
    return [
        _Counter(
            "Month to date",
            dollars(spent),
            note or f"nothing in {before.name} by then",
            _who(found.grid),
        ),
        _Counter(
            f"{before.name} by then", dollars(found.before.total), "the same share of the month"
        ),
        whole,
        _Counter(
            "Now, per hour", dollars(hour, 2 if hour >= NANO else 4), "what runs or is kept now"
        ),
    ]


def _first_month(found: costs.MonthCosts, now: datetime) -> Month:
    return Month.of(found.oldest) if found.oldest else costs.first_month(db_reader(), now)


def _who(grid: costs.Grid) -> str:
    return report_lines.who_of_component(grid.days[0], grid.days[-1])


def _users(month: Month, start: str, now: datetime) -> Page:
    if start:
        return user_costs.beginning_with(db_reader(), month, start, _cursor(), now)
    return user_costs.dearest(db_reader(), month, _cursor(), now)


def _user_rows(rows: Sequence[UserCost], month: Month) -> list[tuple[str, ...]]:
    """Their addresses are one, but for the handle: to reckon each anew took a tenth of the page."""
    head, place, tail = url_for("user_costs.show", handle="_", month=month).partition("_")
    assert place
    head, tail = escape(head), escape(tail)
    return [_user(row, f"{head}{quote(row.handle)}{tail}") for row in rows]


def _user(row: UserCost, url: str) -> tuple[str, ...]:
    """Markup, as in `machine_rows`: the template does not escape it again."""
    before, escaped = row.before_nano, machine_rows.escaped
    return (
        str(row.workspace_id),
        url,
        str(escape(row.handle)),
        escaped(row.plan),
        escaped(row.region),
        escaped(machine_rows.size_label(row.size)),
        escaped(machine_rows.look(row.state, row.problem)),
        escaped(machine_rows.word(row.state, row.problem)),
        "–" if before is None else dollars(before),
        dollars(row.amount_nano),
        "–" if before is None else cost_tables.change(row.amount_nano - before),
    )


def _sums(rows: Sequence[UserCost]) -> tuple[str, str]:
    return (
        dollars(sum(row.before_nano or 0 for row in rows)),
        dollars(sum(row.amount_nano for row in rows)),
    )


def _start() -> str:
    return request.args.get("q", "").strip().lower()[:_LONGEST_HANDLE]


def _cursor() -> Cursor | None:
    if "after" not in request.args:
        return None
    value, _, number = request.args["after"].rpartition("~")
    if not value or not number.isdecimal() or len(number) > 18:
        raise Invalid("The address of this page is damaged; start from the first page.")
    return Cursor(value, int(number))


def _address(month: Month, start: str, cursor: Cursor | None = None) -> str:
    after = f"{cursor.value}~{cursor.id}" if cursor else None
    return url_for(".index", month=str(month), q=start or None, after=after)
