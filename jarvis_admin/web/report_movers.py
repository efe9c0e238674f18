"""/costs/reports/movers: whose costs changed most between two months, and why."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from jarvis_admin.domain.money import csv_dollars, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.movers import Why
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import costs, movers, report_terms
from jarvis_admin.services.movers import Mover, Movers
from jarvis_admin.services.reports import Group
from jarvis_admin.web import csv_files, report_bands, report_months
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.cost_tables import amount, change
from jarvis_admin.web.report_query import GROUPS
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


@bp.get("/movers")
@needs(Right.COSTS_READ)
def show() -> str:
    now = datetime.now(UTC)
    month, by = report_months.whole(now), _by()
    found = _found(by, month)
    first = costs.first_month(db_reader(), now)
    return render_template(
        "costs/reports/movers.html",
        month=month,
        choices=report_months.whole_choices(first, month, now),
        by=by,
        groups=[(_USERS, "User"), *((group.value, words) for group, words in GROUPS.items())],
        reasons=list(_WHY.values()),
        rows=_rows(found, by, month),
        others=change(found.others) if found.others else "",
        before=dollars(found.before),
        now=dollars(found.now),
        change=change(found.now - found.before),
        exports=Right.COSTS_EXPORT in staff().rights,
    )


@bp.get("/movers.csv")
@needs(Right.COSTS_EXPORT)
def movers_csv() -> Response:
    month, by = report_months.whole(datetime.now(UTC)), _by()
    head = [
        by,
        f"{month.previous}_usd",
        f"{month}_usd",
        "change_usd",
        *(f"{why}_usd" for why in Why),
    ]
    rows = [
        [
            csv_files.text(row.name),
            *map(csv_dollars, (row.before, row.now, row.change, *row.parts.values())),
        ]
        for row in _found(by, month).rows
    ]
    return csv_files.attachment(f"jarvis-movers-{month}-by-{by}.csv", head, rows)


def _by() -> str:
    by = request.args.get("group", _USERS)
    if by not in {_USERS, *Group}:
        raise Invalid(f"“{by[:20]}” is not one of {', '.join((_USERS, *Group))}.")
    return by


def _found(by: str, month: Month) -> Movers:
    if by == _USERS:
        return movers.users(db_reader(), month)
    return movers.bands(db_reader(), Group(by), month)


def _rows(found: Movers, by: str, month: Month) -> list[tuple[str, str, str, str, str, list[str]]]:
    plans = {} if by == _USERS else report_terms.plans(db_reader())
    return [
        (
            row.name if by == _USERS else report_bands.label(row.name, Group(by), plans),
            _url(row, by, month),
            amount(row.before),
            amount(row.now),
            change(row.change),
            [change(nano) if nano else "–" for nano in row.parts.values()],
        )
        for row in found.rows
    ]


def _url(row: Mover, by: str, month: Month) -> str:
    if by == _USERS:
        return url_for("user_costs.show", handle=row.name, month=month)
    asked: dict[str, Any] = report_bands.month_link(Group(by), row.name, month)
    return url_for("reports.index", **asked)
