"""POST /machines/<handle>/<verb>: one address per verb; GET shows what will happen first."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Conflict
from jarvis_admin.models import Operation, Workspace
from jarvis_admin.services import operations, proof, workspaces
from jarvis_admin.services.operations import TITLES
from jarvis_admin.web import machine_rows, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.form_keys import new_key, sent_key
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.machine_verbs import DESTROY, VERBS, Verb
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("machine_actions", __name__, url_prefix="/machines/<handle>")


@bp.get("/<any(suspend, stop, restart):verb>")
@needs(Right.MACHINES_ACT)
def confirm(handle: str, verb: str) -> ResponseReturnValue:
    workspace = workspaces.get(db_reader(), handle)
    now = datetime.now(UTC)
    operations.refuse_unless_allowed(db_reader(), workspace, VERBS[verb].kind, now)
    template = "machines/_confirm.html" if wants_fragment() else "machines/confirm.html"
    # In the list the answer is one row; on the machine's own page it is that page.
    in_row = wants_fragment() and "row" in request.args
    return render_template(
        template,
        workspace=workspace,
        name=verb,
        verb=VERBS[verb],
        in_row=in_row,
        key=new_key(),
    )


@bp.post("/<any(wake, backup, archive, suspend, stop, restart):verb>")
@needs(Right.MACHINES_ACT)
def act(handle: str, verb: str) -> ResponseReturnValue:
    now = datetime.now(UTC)
    workspace = workspaces.get(db_session(), handle)
    _request(workspace, VERBS[verb], "", now)
    db_session().commit()
    rows = machine_rows.prepare(workspaces.rows_of(db_session(), workspace.id), now)
    domain = current_app.extensions["settings"].base_domain
    row = render_template("machines/_rows.html", rows=rows, acts=True, base_domain=domain)
    message = f"{TITLES[VERBS[verb].kind]} of {handle} is queued."
    return toasts.done(message, row, url_for("machine.show", handle=handle))


@bp.post("/cancel")
@needs(Right.OPERATIONS_CANCEL)
def cancel(handle: str) -> ResponseReturnValue:
    workspace = workspaces.get(db_session(), handle)
    active = operations.active_on(db_session(), workspace.id)
    if active is None:
        raise Conflict(f"{handle} has nothing under way: there is nothing to cancel.")
    operations.request_cancel(db_session(), active, asked_by=staff().name, now=datetime.now(UTC))
    db_session().commit()
    message = f"{TITLES[OperationKind(active.kind)]} of {handle} stops before its next step."
    return toasts.done(message, "", url_for("machine.show", handle=handle))


@bp.get("/destroy")
@needs(Right.MACHINES_DESTROY)
def plan_destroy(handle: str) -> ResponseReturnValue:
    workspace = workspaces.get(db_reader(), handle)
    operations.refuse_unless_allowed(db_reader(), workspace, DESTROY.kind, datetime.now(UTC))
    return _destroy_form(workspace, key=new_key())


@bp.post("/destroy")
@needs(Right.MACHINES_DESTROY)
def destroy(handle: str) -> ResponseReturnValue:
    session, now = db_session(), datetime.now(UTC)
    workspace = workspaces.get(session, handle)
    typed, reason = request.form.get("handle", "").strip(), request.form.get("reason", "").strip()
    unproven = proof.refusal(session, workspace, now)
    wrong = _wrong(workspace, typed, reason) or _unwarranted(unproven)
    if wrong:
        key = sent_key() or new_key()
        return _destroy_form(workspace, key=key, typed=typed, reason=reason, wrong=wrong), 422
    _request(workspace, DESTROY, reason, now, unproven=unproven)
    session.commit()
    return toasts.done(
        f"Destroy of {handle} was asked for.", "", url_for("machine.show", handle=handle)
    )


def _request(
    workspace: Workspace, verb: Verb, reason: str, now: datetime, *, unproven: str | None = None
) -> Operation:
    """`unproven` is what was said of the user's backup, and gone on with in spite of."""
    return operations.request_operation(
        db_session(),
        workspace,
        verb.kind,
        asked_by=staff().name,
        reason=reason,
        key=sent_key(),
        now=now,
        enqueue=current_app.extensions["enqueue"],
        needs_proof=verb is DESTROY and unproven is None,
        details={"without_proof": unproven} if unproven else None,
    )


def _destroy_form(
    workspace: Workspace, *, key: str, typed: str = "", reason: str = "", wrong: str = ""
) -> str:
    session, now = db_reader(), datetime.now(UTC)
    return render_template(
        "machines/destroy.html",
        workspace=workspace,
        key=key,
        typed=typed,
        reason=reason,
        wrong=wrong,
        unproven=proof.refusal(session, workspace, now) or "",
        backup=proof.newest(session, workspace.id),
        overrides=staff().may(Right.BACKUPS_EDIT),
        overridden="without_proof" in request.form,
        now=now,
    )


def _unwarranted(unproven: str | None) -> str:
    """Going on without a proven backup takes a right, and saying so."""
    if unproven is None or ("without_proof" in request.form and staff().may(Right.BACKUPS_EDIT)):
        return ""
    return f"{unproven} Nothing was destroyed."


def _wrong(workspace: Workspace, typed: str, reason: str) -> str:
    """What keeps the form from being carried out; empty: nothing."""
    if typed != workspace.handle:
        return f"Type {workspace.handle} to say which machine is meant."
    if not 3 <= len(reason) <= 500:
        return "A reason of 3 to 500 characters goes into the audit trail."
    return ""
