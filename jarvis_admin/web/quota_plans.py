"""/plan-quotas/<key>: the limits of a plan, tried on last month before they are saved."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from jarvis_admin.domain.months import Month
from jarvis_admin.domain.quotas import kinds
from jarvis_admin.domain.quotas.brakes import Mode
from jarvis_admin.domain.quotas.kinds import UNITS, Kind
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Plan
from jarvis_admin.services import costs, quota_plans, quota_rehearsal
from jarvis_admin.services.quota_plans import Terms
from jarvis_admin.services.quota_rehearsal import Draft, Rehearsal
from jarvis_admin.web import months, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.quota_words import MODES
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("quota_plans", __name__, url_prefix="/plan-quotas")


@bp.get("/<key>")
@needs(Right.WHAT_IF)
def edit(key: str) -> ResponseReturnValue:
    """As it is; or, with figures in the address, those and what they would have done."""
    session, now = db_reader(), datetime.now(UTC)
    plan = quota_plans.get(session, key)
    if "mode" not in request.args:
        return _page(session, plan, _fields(quota_plans.terms_of(session, plan)), now)
    try:
        terms = _read(request.args)
        quota_plans.check(plan, terms)
    except Invalid as wrong:
        return _page(session, plan, request.args, now, wrong=str(wrong)), 422
    return _page(session, plan, request.args, now, tried=terms)


@bp.post("/<key>")
@needs(Right.POLICIES_EDIT)
def save(key: str) -> ResponseReturnValue:
    session, now = db_session(), datetime.now(UTC)
    plan = quota_plans.get(session, key)
    try:
        reason = request.form.get("reason", "").strip()
        changed = quota_plans.change(
            session, plan, _read(request.form), by=staff().name, reason=reason, now=now
        )
    except Invalid as wrong:
        session.rollback()
        plan = quota_plans.get(session, key)
        tried = _readable(request.form)
        return _page(session, plan, request.form, now, tried=tried, wrong=str(wrong)), 422
    session.commit()
    said = "are saved; the brakes follow within a minute" if changed else "are as they were"
    return toasts.done(f"The quotas of {plan.name} {said}.", "", url_for("quotas.index"))


def _page(
    session: Session,
    plan: Plan,
    fields: Mapping[str, str],
    now: datetime,
    *,
    tried: Terms | None = None,
    wrong: str = "",
) -> str:
    month = _month(now)
    before = after = None
    if tried is not None:
        draft = Draft(tried.amounts, quota_plans.policy(tried, plan))
        before = quota_rehearsal.rehearse(session, month, now, plan_id=plan.id)
        after = quota_rehearsal.rehearse(session, month, now, {plan.id: draft}, plan.id)
    return render_template(
        "quotas/plan.html",
        plan=plan,
        month=month,
        months=_months(session, month, now),
        now=now,
        kinds=list(Kind),
        units=UNITS,
        modes={str(mode): words for mode, words in MODES.items()},
        fields={name: fields.get(name, "") for name in _NAMES},
        reason=request.form.get("reason", ""),
        before=before,
        after=after,
        spared=_spared(before, after),
        already={one.handle for one in before.people} if before else set(),
        written=kinds.written,
        edits=staff().may(Right.POLICIES_EDIT),
        wrong=wrong,
    )


_MONTHS = 7
_NAMES = (*(str(kind) for kind in Kind), "mode", "overrun", "idle")


def _fields(terms: Terms) -> dict[str, str]:
    amounts = {
        str(kind): "" if amount is None else kinds.typed(kind, amount)
        for kind, amount in terms.amounts.items()
    }
    return amounts | {
        "mode": str(terms.mode),
        "overrun": str(terms.overrun_percent),
        "idle": str(terms.idle_minutes),
    }


def _read(fields: Mapping[str, str]) -> Terms:
    amounts = {}
    for kind in Kind:
        text = fields.get(str(kind), "").strip()
        amounts[kind] = kinds.read(kind, text) if text else None
    mode = fields.get("mode", "")
    if mode not in (*Mode,):
        raise Invalid("Choose how far the brakes go.")
    return Terms(
        amounts, Mode(mode), _whole(fields, "overrun", "Overrun"), _whole(fields, "idle", "Idle")
    )


def _readable(fields: Mapping[str, str]) -> Terms | None:
    """What is to be tried again beside a refusal of something else in the form."""
    try:
        return _read(fields)
    except Invalid:
        return None


def _whole(fields: Mapping[str, str], name: str, title: str) -> int:
    text = fields.get(name, "").strip()
    if not text.isdecimal() or len(text) > 6:
        raise Invalid(f"{title}: “{text[:20]}” is not a whole number.")
    return int(text)


def _month(now: datetime) -> Month:
    """Last month, unless the address names another."""
    return months.asked(now) if request.args.get("month") else Month.of(now).previous


def _months(session: Session, asked: Month, now: datetime) -> list[Month]:
    """This one and up to six before it, as far as there is a ledger."""
    first, found = costs.first_month(session, now), [Month.of(now)]
    while len(found) < _MONTHS and found[-1] > first:
        found.append(found[-1].previous)
    return found if asked in found else [asked, *found]


def _spared(before: Rehearsal | None, after: Rehearsal | None) -> list[str]:
    """Who was put to sleep by today's limits and would not be by these."""
    if before is None or after is None:
        return []
    still = {one.handle for one in after.people}
    return [one.handle for one in before.people if one.handle not in still]
