"""/costs/what-if/<n>/policy: a scenario becomes a change of plans, after its plan was seen."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.services import policy_changes, scenarios
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.cost_tables import change
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("policy_changes", __name__, url_prefix="/costs/what-if/<int:number>/policy")


@bp.get("")
@needs(Right.POLICIES_EDIT)
def plan(number: int) -> str:
    return _page(number, "", "")


@bp.post("")
@needs(Right.POLICIES_EDIT)
def apply(number: int) -> ResponseReturnValue:
    session, reason = db_session(), request.form.get("reason", "").strip()[:500]
    scenario = scenarios.get(session, number)
    mark = request.form.get("mark", "")
    try:
        done = policy_changes.apply(
            session, scenario, mark, reason, by=staff().name, now=datetime.now(UTC)
        )
    except (Invalid, Conflict) as error:
        session.rollback()
        if scenario.state != "done":
            raise
        return _page(number, str(error), reason), error.status
    session.commit()
    names = ", ".join(one.name for one in done.plans)
    flash(f"{names}: changed. It counts from now on.")
    return redirect(url_for("what_if.show", number=number), 303)


def _page(number: int, wrong: str, reason: str) -> str:
    scenario = scenarios.get(db_reader(), number)
    found = policy_changes.prepare(db_reader(), scenario)
    total = sum(one.month_nano for one in found.plans)
    return render_template(
        "what_if/policy.html",
        scenario=scenario,
        found=found,
        money=[change(one.month_nano) for one in found.plans],
        saves=total < 0,
        amount=dollars(abs(total)),
        users=sum(one.users for one in found.plans),
        tried=sum(one.tried for one in found.plans),
        wrong=wrong,
        reason=reason,
    )
