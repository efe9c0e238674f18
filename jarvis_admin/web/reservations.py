"""/costs/ledger/reservations: compute paid a year ahead is added and ended here."""

from datetime import UTC, date, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.price_list import Block
from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.domain.reservations import anniversary
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import price_versions, reservations
from jarvis_admin.services.price_versions import Version
from jarvis_admin.services.reservations import Wanted
from jarvis_admin.web import toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("reservations", __name__, url_prefix="/costs/ledger/reservations")

_LONGEST_NOTE = 500


@bp.get("/new")
@needs(Right.COSTS_ADJUST)
def new() -> str:
    return _form(_prices(), "")


@bp.post("")
@needs(Right.COSTS_ADJUST)
def add() -> ResponseReturnValue:
    prices = _prices()
    try:
        wanted = _wanted(prices)
        row = reservations.add(db_session(), wanted, by=staff().name, now=datetime.now(UTC))
    except Invalid as invalid:
        return _form(prices, str(invalid)), 422
    db_session().commit()
    message = f"{row.cpu_class.capitalize()} in {row.region} is reserved from {row.first_day}."
    return toasts.done(message, "", url_for("ledger.index") + "#reservations")


@bp.post("/<int:number>/end")
@needs(Right.COSTS_ADJUST)
def end(number: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()[:_LONGEST_NOTE]
    if len(reason) < 3:
        raise Invalid("Give a reason; it stands in the audit trail.")
    row = reservations.end(
        db_session(),
        number,
        end_day=_day("end_day", "the first day that is not reserved"),
        by=staff().name,
        reason=reason,
        now=datetime.now(UTC),
    )
    db_session().commit()
    message = f"Reservation {number} ends before {row.end_day}."
    return toasts.done(message, "", url_for("ledger.index") + "#reservations")


def _prices() -> Version:
    return price_versions.in_force(price_versions.every(db_reader(), datetime.now(UTC)))


def _wanted(prices: Version) -> Wanted:
    form = request.form
    region = form.get("region", "")
    if region not in prices.book.multipliers:
        raise Invalid(f"The prices in force know no region “{region[:8]}”.")
    blocks = form.get("blocks", "")
    if not blocks.isdecimal() or len(blocks) > 6:
        raise Invalid("Give the number of blocks.")
    first = _day("first_day", "the first reserved day")
    ends = bool(form.get("end_day"))
    return Wanted(
        region,
        _block(prices),
        int(blocks),
        first,
        _day("end_day", "the first day not reserved") if ends else anniversary(first),
        form.get("note", "").strip()[:_LONGEST_NOTE],
    )


def _block(prices: Version) -> Block:
    for block in prices.price_list.blocks:
        if block.key == request.form.get("block", ""):
            return block
    raise Invalid("Choose one of the blocks that are sold.")


def _day(name: str, what: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        raise Invalid(f"Give {what} like 2026-12-01.") from error


def _form(prices: Version, wrong: str) -> str:
    return render_template(
        "ledger/reserve.html",
        wrong=wrong,
        typed=request.form,
        blocks=prices.price_list.blocks,
        regions=[
            (code, REGIONS[code].city if code in REGIONS else code)
            for code in prices.book.multipliers
        ],
        today=datetime.now(UTC).date().isoformat(),
    )
