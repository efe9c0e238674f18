"""/bulk/<verb>: the plan for the picked machines, and carrying it out."""

from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Conflict
from jarvis_admin.models import Workspace
from jarvis_admin.services import operations, workspace_picks
from jarvis_admin.services.workspace_picks import Plan
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.form_keys import new_key, sent_key
from jarvis_admin.web.machine_verbs import VERBS, Verb
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("bulk", __name__, url_prefix="/bulk")

_LONGEST_HANDLE = 63


@bp.get("/<any(wake, suspend, backup):verb>")
@needs(Right.MACHINES_ACT)
def plan(verb: str) -> ResponseReturnValue:
    picked = request.args.getlist("pick")
    found = workspace_picks.plan(db_reader(), picked, VERBS[verb].kind)
    return render_template(
        "machines/plan.html",
        plan=found,
        gone=_gone(picked, found),
        key=new_key(),
        name=verb,
        verb=VERBS[verb],
    )


@bp.post("/<any(wake, suspend, backup):verb>")
@needs(Right.MACHINES_ACT)
def act(verb: str) -> ResponseReturnValue:
    """The plan is made again: who changed meanwhile is left as they are."""
    session, now = db_session(), datetime.now(UTC)
    found = workspace_picks.plan(session, request.form.getlist("pick"), VERBS[verb].kind)
    picked = _all_of(found)
    acted = sum(_ask(workspace, VERBS[verb], now) for workspace in picked)
    if not acted:
        raise Conflict("None of the picked machines can do that now. Nothing was changed.")
    session.commit()
    flash(_said(VERBS[verb], acted, len(picked) - acted))
    return redirect(url_for("machines.index"), 303)


def _ask(workspace: Workspace, verb: Verb, now: datetime) -> bool:
    """Whether the machine is acted on: by this form now, or when it was sent before."""
    try:
        operations.request_operation(
            db_session(),
            workspace,
            verb.kind,
            asked_by=staff().name,
            reason=request.form.get("reason", "").strip()[:500],
            key=sent_key(),
            now=now,
            enqueue=current_app.extensions["enqueue"],
        )
    except Conflict:
        return False
    return True


def _all_of(plan: Plan) -> list[Workspace]:
    return [*plan.acts, *plan.already, *(skipped.workspace for skipped in plan.skipped)]


def _gone(picked: Iterable[str], plan: Plan) -> list[str]:
    """Picked, but destroyed meanwhile or never known."""
    considered = sorted(set(picked))[: workspace_picks.MOST]
    known = {workspace.handle for workspace in _all_of(plan)}
    return [handle[:_LONGEST_HANDLE] for handle in considered if handle not in known]


def _said(verb: Verb, acted: int, left: int) -> str:
    noun = "machine" if acted == 1 else "machines"
    rest = f", {left} left as they are" if left else ""
    return f"{verb.doing} {acted} {noun} is queued{rest}."
