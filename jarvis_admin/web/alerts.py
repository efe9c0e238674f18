"""/budgets/alerts: what fired, why, and where it was sent."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for

from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Alert
from jarvis_admin.services import alerts, deliveries
from jarvis_admin.services.alerts import Cursor, Kind
from jarvis_admin.web import budget_rows
from jarvis_admin.web.access import needs
from jarvis_admin.web.session import db_reader

bp = Blueprint("alerts", __name__, url_prefix="/budgets/alerts")

WORDS = {
    Kind.BUDGET: ("warn", "Budget"),
    Kind.FORECAST: ("scheduled", "Forecast"),
    Kind.UNUSUAL: ("warn", "Unusual usage"),
    Kind.DIGEST: ("done", "Weekly digest"),
}


@bp.get("")
@needs(Right.BUDGETS_READ)
def index() -> str:
    kind = request.args.get("kind", "")
    if kind and kind not in set(Kind):
        raise Invalid(f"“{kind[:20]}” is not a kind of alert.")
    rows, following = alerts.newest(db_reader(), kind=kind, cursor=_cursor())
    after = f"{following.at.isoformat()}~{following.id}" if following else ""
    return render_template(
        "budgets/alerts.html",
        rows=[(row, *look(row), why(row)) for row in rows],
        kind=kind,
        kinds=[(each, WORDS[each][1]) for each in Kind],
        first=url_for(".index", kind=kind or None) if "after" in request.args else "",
        next=url_for(".index", kind=kind or None, after=after) if after else "",
        now=datetime.now(UTC),
    )


@bp.get("/<int:alert_id>")
@needs(Right.BUDGETS_READ)
def show(alert_id: int) -> str:
    row = alerts.get(db_reader(), alert_id)
    return render_template(
        "budgets/alert.html",
        row=row,
        look=look(row),
        why=why(row),
        sent=deliveries.of_alert(db_reader(), alert_id),
        states=DELIVERY_LOOKS,
        now=datetime.now(UTC),
    )


DELIVERY_LOOKS = {
    "queued": ("queued", "Waiting"),
    "sending": ("running", "Being sent"),
    "sent": ("done", "Sent"),
    "failed": ("failed", "Failed"),
}


def look(row: Alert) -> tuple[str, str]:
    return WORDS[Kind(row.kind)]


def why(row: Alert) -> str:
    """The page that explains it; empty for a digest, which explains itself."""
    if row.kind == Kind.DIGEST:
        return ""
    return budget_rows.why(row.scope, row.subject, row.period[:7])


def _cursor() -> Cursor | None:
    if "after" not in request.args:
        return None
    written, _, number = request.args["after"].rpartition("~")
    try:
        return Cursor(datetime.fromisoformat(written).astimezone(UTC), int(number[:18]))
    except (ValueError, OverflowError) as error:
        raise Invalid("The address of this page is damaged; start from the first page.") from error
