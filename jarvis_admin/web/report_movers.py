"""/costs/reports/movers: whose costs changed most against the days before, and why."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from jarvis_admin.domain.money import csv_dollars, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.movers import Why
from jarvis_admin.domain.periods import Pair, Range
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import costs, movers, report_terms
from jarvis_admin.services.movers import Mover, Movers
from jarvis_admin.services.report_lines import MOST_DAYS
from jarvis_admin.services.reports import Group
from jarvis_admin.web import csv_files, report_bands, report_months
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.cost_tables import amount, change
from jarvis_admin.web.machine_query import Link
from jarvis_admin.web.report_query import GROUPS, RANGES
from jarvis_admin.web.session import db_reader

bp = Blueprint("report_movers", __name__)

_USERS = "user"
_WHY = {
    Why.HOURS: "Hours",
    Why.SIZE: "Size and price",
    Why.STORAGE: "Storage",
    Why.EGRESS: "Egress",
    Why.OTHER: "Other",
}
# For users: their days are added up one by one.
_TOO_LONG = frozenset({Range.DAYS_90, Range.MONTHS_12})


@bp.get("/movers")
@needs(Right.COSTS_READ)
def show() -> str:
    now = datetime.now(UTC)
    pair, by = _pair(now), _by()
    found = _found(by, pair)
    first = costs.first_month(db_reader(), now)
    shown = pair.month or Month.of(now).previous
    return render_template(
        "costs/reports/movers.html",
        pair=pair,
        names=_names(pair),
        asked=_asked(pair),
        choices=report_months.whole_choices(first, shown, now),
        ranges=_ranges(by),
        by=by,
        groups=[(_USERS, "User"), *((group.value, words) for group, words in GROUPS.items())],
        reasons=list(_WHY.values()),
        rows=_rows(found, by, pair),
        others=change(found.others) if found.others else "",
        before=dollars(found.before),
        now=dollars(found.now),
        change=change(found.now - found.before),
        exports=Right.COSTS_EXPORT in staff().rights,
    )


@bp.get("/movers.csv")
@needs(Right.COSTS_EXPORT)
def movers_csv() -> Response:
    pair, by = _pair(datetime.now(UTC)), _by()
    then, now = _columns(pair)
    head = [by, f"{then}_usd", f"{now}_usd", "change_usd", *(f"{why}_usd" for why in Why)]
    rows = [
        [
            csv_files.text(row.name),
            *map(csv_dollars, (row.before, row.now, row.change, *row.parts.values())),
        ]
        for row in _found(by, pair).rows
    ]
    return csv_files.attachment(f"jarvis-movers-{now}-by-{by}.csv", head, rows)


def _by() -> str:
    by = request.args.get("group", _USERS)
    if by not in {_USERS, *Group}:
        raise Invalid(f"“{by[:20]}” is not one of {', '.join((_USERS, *Group))}.")
    return by


def _pair(now: datetime) -> Pair:
    """The last whole month against the one before, unless the address says otherwise."""
    if any(request.args.get(name) for name in ("range", "from", "to")):
        return Pair.read(request.args, now.date())
    return Pair.of_month(report_months.whole(now))


def _found(by: str, pair: Pair) -> Movers:
    if by != _USERS:
        return movers.bands(db_reader(), Group(by), pair)
    if pair.now.days > MOST_DAYS:
        raise Invalid(
            f"Users are compared over {MOST_DAYS} days at most; plans, regions and sizes over any."
        )
    return movers.users(db_reader(), pair)


def _names(pair: Pair) -> tuple[str, str]:
    """Of both columns."""
    if pair.month:
        return pair.month.previous.name, pair.month.name
    return str(pair.before), str(pair.now)


def _columns(pair: Pair) -> tuple[str, str]:
    if pair.month:
        return str(pair.month.previous), str(pair.month)
    return f"{pair.before.first}_{pair.before.last}", f"{pair.now.first}_{pair.now.last}"


def _asked(pair: Pair) -> dict[str, str]:
    """The part of an address that asks for the same days again."""
    if pair.month:
        return {"month": str(pair.month)}
    if pair.now.range is not Range.OWN:
        return {"range": pair.now.range.value}
    return {"from": pair.now.first.isoformat(), "to": pair.now.last.isoformat()}


def _ranges(by: str) -> list[Link]:
    """Each against the days before it."""
    written = request.args.get("range", "")
    return [
        Link(words, url_for(".show", group=by, range=range_.value), range_ == written)
        for range_, words in RANGES
        if by != _USERS or range_ not in _TOO_LONG
    ]


def _rows(found: Movers, by: str, pair: Pair) -> list[tuple[str, str, str, str, str, list[str]]]:
    plans = {} if by == _USERS else report_terms.plans(db_reader())
    return [
        (
            row.name if by == _USERS else report_bands.label(row.name, Group(by), plans),
            _url(row, by, pair),
            amount(row.before),
            amount(row.now),
            change(row.change),
            [change(nano) if nano else "–" for nano in row.parts.values()],
        )
        for row in found.rows
    ]


def _url(row: Mover, by: str, pair: Pair) -> str:
    if by == _USERS:
        return url_for("user_costs.show", handle=row.name, month=Month.of(pair.now.last))
    asked: dict[str, Any] = report_bands.period_link(Group(by), row.name, pair.now)
    return url_for("reports.index", **asked)
