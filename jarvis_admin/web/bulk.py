"""/bulk/<verb>: the plan for the picked machines, and carrying it out."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Conflict
from jarvis_admin.services import operations, workspace_picks
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.machine_verbs import VERBS, Verb
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("bulk", __name__, url_prefix="/bulk")


@bp.get("/<any(wake, suspend, backup):verb>")
@needs(Right.MACHINES_ACT)
def plan(verb: str) -> ResponseReturnValue:
    found = workspace_picks.plan(db_reader(), request.args.getlist("pick"), VERBS[verb].kind)
    return render_template("machines/plan.html", plan=found, name=verb, verb=VERBS[verb])


@bp.post("/<any(wake, suspend, backup):verb>")
@needs(Right.MACHINES_ACT)
def act(verb: str) -> ResponseReturnValue:
    """The plan is made again: who changed meanwhile is left as they are."""
    session, now = db_session(), datetime.now(UTC)
    reason = request.form.get("reason", "").strip()[:500]
    found = workspace_picks.plan(session, request.form.getlist("pick"), VERBS[verb].kind)
    if not found.acts:
        raise Conflict("None of the picked machines can do that now. Nothing was changed.")
    for workspace in found.acts:
        operations.request_operation(
            session,
            workspace,
            VERBS[verb].kind,
            asked_by=staff().name,
            reason=reason,
            now=now,
            enqueue=current_app.extensions["enqueue"],
        )
    session.commit()
    flash(_said(VERBS[verb], len(found.acts), len(found.already) + len(found.skipped)))
    return redirect(url_for("machines.index"), 303)


def _said(verb: Verb, acted: int, left: int) -> str:
    noun = "machine" if acted == 1 else "machines"
    rest = f", {left} left as they are" if left else ""
    return f"{verb.doing} {acted} {noun} is queued{rest}."
