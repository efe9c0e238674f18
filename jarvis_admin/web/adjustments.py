"""/costs/ledger/new: an adjustment is planned first, then booked."""

from datetime import UTC, date, datetime
from hmac import compare_digest

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.entries import ADJUSTMENTS, Kind
from jarvis_admin.domain.money import NANO, csv_dollars
from jarvis_admin.domain.rights import Right
from jarvis_admin.domain.written_money import read_nano, usd
from jarvis_admin.errors import Invalid
from jarvis_admin.services import adjustments
from jarvis_admin.services.adjustments import Wanted
from jarvis_admin.web import entry_words, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.form_keys import new_key, sent_key
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("adjustments", __name__, url_prefix="/costs/ledger/new")

# From here on, and for the whole fleet, the amount is typed a second time.
_TYPED_FROM = 1000 * NANO
_LONGEST_REASON = 500


@bp.get("")
@needs(Right.COSTS_ADJUST)
def new() -> str:
    return _form("")


@bp.post("/plan")
@needs(Right.COSTS_ADJUST)
def plan() -> ResponseReturnValue:
    """Writes nothing: whose, how much, on which day."""
    try:
        wanted = _wanted()
        adjustments.check(db_reader(), wanted, datetime.now(UTC))
    except Invalid as invalid:
        return _form(str(invalid)), 422
    return _plan(wanted, new_key(), "")


@bp.post("")
@needs(Right.COSTS_ADJUST)
def book() -> ResponseReturnValue:
    now = datetime.now(UTC)
    try:
        wanted = _wanted()
        adjustments.check(db_reader(), wanted, now)
    except Invalid as invalid:
        return _form(str(invalid)), 422
    key = sent_key() or new_key()
    typed = request.form.get("typed", "").strip()
    if _is_typed(wanted) and not compare_digest(typed.encode(), _amount(wanted).encode()):
        wrong = f"Type {_amount(wanted)} to book it; “{typed[:20]}” is something else."
        return _plan(wanted, key, wrong), 422
    entry = adjustments.book(db_session(), wanted, key=key, by=staff().name, now=now)
    db_session().commit()
    url = url_for("ledger.index", month=f"{entry.day:%Y-%m}")
    words = entry_words.WORDS[wanted.kind]
    return toasts.done(f"{words} of {usd(abs(entry.amount_nano))} is booked.", "", url)


def _wanted() -> Wanted:
    form = request.form
    try:
        kind = Kind(form.get("kind", ""))
    except ValueError as error:
        raise Invalid("Choose a credit, a refund or a correction.") from error
    try:
        day = date.fromisoformat(form.get("day", ""))
    except ValueError as error:
        raise Invalid("Give the day like 2026-11-23.") from error
    amount = read_nano(form.get("amount", ""))
    adds = form.get("direction") == "adds"
    if amount < 0:
        raise Invalid("Write the amount without a sign, and say whether it takes off or adds.")
    return Wanted(
        kind,
        amount if adds else -amount,
        day,
        form.get("user", "").strip().lower(),
        form.get("reason", "").strip()[:_LONGEST_REASON],
    )


def _is_typed(wanted: Wanted) -> bool:
    return not wanted.handle or abs(wanted.amount_nano) >= _TYPED_FROM


def _amount(wanted: Wanted) -> str:
    """Dollars as they are typed again: no more places than it takes, but cents."""
    whole, _, places = csv_dollars(abs(wanted.amount_nano)).partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def _form(wrong: str) -> str:
    today = datetime.now(UTC).date()
    return render_template(
        "ledger/new.html",
        wrong=wrong,
        typed=request.form,
        user=request.values.get("user", ""),
        today=today.isoformat(),
        kinds=[(kind, entry_words.WORDS[kind]) for kind in Kind if kind in ADJUSTMENTS],
    )


def _plan(wanted: Wanted, key: str, wrong: str) -> str:
    return render_template(
        "ledger/plan.html",
        wanted=wanted,
        words=entry_words.WORDS[wanted.kind],
        amount=_amount(wanted),
        is_typed=_is_typed(wanted),
        wrong=wrong,
        key=key,
        form=request.form,
    )
