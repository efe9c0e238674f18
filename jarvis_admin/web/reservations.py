"""/costs/ledger/reservations: compute paid a year ahead is added and ended here."""

from datetime import UTC, date, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.price_list import Block
from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.domain.reservations import anniversary
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import price_versions, reservation_plan, reservations
from jarvis_admin.services.price_versions import Version
from jarvis_admin.services.reservations import Wanted
from jarvis_admin.web import ledger_rows, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("reservations", __name__, url_prefix="/costs/ledger/reservations")

_LONGEST_NOTE = 500


@bp.get("/new")
@needs(Right.COSTS_ADJUST)
def new() -> str:
    return _form(_prices(), "")


@bp.post("/plan")
@needs(Right.COSTS_ADJUST)
def plan() -> ResponseReturnValue:
    """Writes nothing: what it books at once, for days that are over."""
    prices, now = _prices(), datetime.now(UTC)
    try:
        wanted = _wanted(prices)
        months = reservation_plan.plan(db_reader(), wanted, now)
    except Invalid as invalid:
        return _form(prices, str(invalid)), 422
    return render_template(
        "ledger/reserve_plan.html",
        wanted=wanted,
        what=f"{wanted.block.cpu_class} in {wanted.region}",
        yearly=dollars(wanted.block.yearly_nano * wanted.blocks),
        credit=dollars(wanted.block.credit_nano * wanted.blocks),
        months=[ledger_rows.plan_month(one) for one in months],
        form=request.form,
    )


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
    row = reservations.end(
        db_session(),
        number,
        end_day=_day("end_day", "the first day that is not reserved"),
        by=staff().name,
        reason=_reason(),
        now=datetime.now(UTC),
    )
    db_session().commit()
    message = f"Reservation {number} ends before {row.end_day}."
    return toasts.done(message, "", url_for("ledger.index") + "#reservations")


@bp.post("/<int:number>/remove")
@needs(Right.COSTS_ADJUST)
def remove(number: int) -> ResponseReturnValue:
    _row, entries = reservation_plan.remove(
        db_session(), number, by=staff().name, reason=_reason(), now=datetime.now(UTC)
    )
    db_session().commit()
    nought = f"{entries} entr{'y is' if entries == 1 else 'ies are'} set to 0."
    message = f"Reservation {number} is removed; {nought if entries else 'nothing was booked.'}"
    return toasts.done(message, "", url_for("ledger.index") + "#reservations")


def _reason() -> str:
    return request.form.get("reason", "").strip()


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
        _reason(),
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
    today = datetime.now(UTC).date()
    return render_template(
        "ledger/reserve.html",
        wrong=wrong,
        typed=request.form,
        blocks=prices.price_list.blocks,
        regions=[
            (code, REGIONS[code].city if code in REGIONS else code)
            for code in prices.book.multipliers
        ],
        today=today.isoformat(),
        earliest=today.replace(day=1).isoformat(),
    )
