"""/costs/ledger: what is billed beside the seconds; adjustments and reservations."""

from datetime import UTC, date, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.entries import ADJUSTMENTS, Kind
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.rights import Right
from jarvis_admin.domain.written_money import exact_usd
from jarvis_admin.errors import Invalid
from jarvis_admin.models import LedgerEntry
from jarvis_admin.services import adjustments, costs, ledger_list, reservations
from jarvis_admin.services.ledger_list import BOOKED, Asked, Cursor
from jarvis_admin.web import entry_words, ledger_rows, months, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("ledger", __name__, url_prefix="/costs/ledger")

_LONGEST_HANDLE = 63
_LONGEST_REASON = 500


@bp.get("")
@needs(Right.COSTS_READ)
def index() -> str:
    now = datetime.now(UTC)
    asked = Asked(months.asked(now), _kinds(), _handle())
    page = ledger_list.page(db_reader(), asked, _cursor(), now)
    booked = [row.id for row in page.rows if row.kind in ADJUSTMENTS]
    countered = adjustments.counters_of(db_reader(), booked)
    return render_template(
        "ledger/index.html",
        month=asked.month,
        choices=months.choices(costs.first_month(db_reader(), now), asked.month, now),
        kinds=ledger_rows.choices(),
        kind=request.args.get("kind", ""),
        handle=asked.handle,
        rows=[ledger_rows.row(row, countered.get(row.id)) for row in page.rows],
        sum=dollars(sum(row.amount_nano for row in page.rows), ledger_rows.PLACES),
        first=_address() if "after" in request.args else "",
        next=_address(page.next) if page.next else "",
        reservations=[
            ledger_rows.reservation(row, now.date()) for row in reservations.every(db_reader())
        ],
        adjusts=Right.COSTS_ADJUST in staff().rights,
        now=now,
    )


@bp.get("/<int:number>")
@needs(Right.COSTS_READ)
def show(number: int) -> str:
    entry = adjustments.get(db_reader(), number)
    counter = adjustments.counters_of(db_reader(), [number]).get(number)
    counters = adjustments.countered_by(entry.resource_id)
    return render_template(
        "ledger/show.html",
        entry=entry,
        words=entry_words.words(entry.kind),
        amount=exact_usd(entry.amount_nano),
        opposite=exact_usd(-entry.amount_nano),
        may_counter=_may_counter(entry) and counter is None and counters is None,
        counter=counter,
        counters=counters,
        handle=ledger_list.handle_of(db_reader(), entry),
        wrong="",
        reason="",
    )


@bp.post("/<int:number>/counter")
@needs(Right.COSTS_ADJUST)
def counter(number: int) -> ResponseReturnValue:
    entry = adjustments.counter(
        db_session(),
        number,
        reason=request.form.get("reason", "").strip()[:_LONGEST_REASON],
        by=staff().name,
        now=datetime.now(UTC),
    )
    db_session().commit()
    url = url_for(".index", month=f"{entry.day:%Y-%m}")
    return toasts.done(f"Entry {number} is countered by entry {entry.id}.", "", url)


def _may_counter(entry: LedgerEntry) -> bool:
    return Right.COSTS_ADJUST in staff().rights and entry.kind in ADJUSTMENTS


def _kinds() -> frozenset[Kind]:
    """What people book and what is reserved, unless asked otherwise: traffic is a row a machine."""
    written = request.args.get("kind", "")
    if written == "all":
        return frozenset()
    if written in ("", "adjustments"):
        return ADJUSTMENTS if written else BOOKED
    try:
        return frozenset({Kind(written)})
    except ValueError as error:
        raise Invalid(f"“{written[:24]}” is no kind of ledger entry.") from error


def _handle() -> str:
    return request.args.get("user", "").strip().lower()[:_LONGEST_HANDLE]


def _cursor() -> Cursor | None:
    written = request.args.get("after")
    if written is None:
        return None
    try:
        day, kind, number = written.split("~")
        return Cursor(date.fromisoformat(day), Kind(kind), int(number[:18]))
    except ValueError as error:
        raise Invalid("The address of this page is damaged; start from the first page.") from error


def _address(cursor: Cursor | None = None) -> str:
    after = f"{cursor.day}~{cursor.kind}~{cursor.id}" if cursor else None
    month, kind, user = (request.args.get(name) or None for name in ("month", "kind", "user"))
    return url_for(".index", month=month, kind=kind, user=user, after=after)
