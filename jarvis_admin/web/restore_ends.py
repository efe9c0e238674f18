"""The end of what a restore left: parked files, a scratch machine, a volume beside."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Conflict
from jarvis_admin.models import Restore, Workspace
from jarvis_admin.services import parking, proof, restores, scratches, workspaces
from jarvis_admin.web import restore_form
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.form_keys import new_key, sent_key
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("restore_ends", __name__, url_prefix="/machines/<handle>/restores/<restore_id>")


@bp.get("/end")
@needs(Right.MACHINES_RESTORE)
def plan(handle: str, restore_id: str) -> ResponseReturnValue:
    workspace = workspaces.get(db_reader(), handle)
    restore = restores.get(db_reader(), workspace, restore_id)
    return _form(workspace, restore, key=new_key())


@bp.post("/end")
@needs(Right.MACHINES_RESTORE)
def end(handle: str, restore_id: str) -> ResponseReturnValue:
    """Deletes the parked files: the handle is typed, a reason given, a backup proven."""
    now = datetime.now(UTC)
    workspace = workspaces.get(db_session(), handle)
    restore = restores.get(db_session(), workspace, restore_id)
    typed, reason = request.form.get("handle", "").strip(), request.form.get("reason", "").strip()
    unproven = proof.refusal(db_session(), workspace, now)
    wrong = _wrong(workspace, typed, reason, unproven)
    if wrong:
        key = sent_key() or new_key()
        return _form(workspace, restore, key=key, typed=typed, reason=reason, wrong=wrong), 422
    operation = parking.request_end(
        db_session(),
        restore,
        how="ended",
        asked_by=staff().name,
        reason=reason,
        key=sent_key(),
        now=now,
        enqueue=current_app.extensions["enqueue"],
        unproven=unproven,
    )
    db_session().commit()
    return redirect(url_for("operations.show", operation_id=operation.id), 303)


@bp.post("/remove")
@needs(Right.MACHINES_RESTORE)
def remove(handle: str, restore_id: str) -> ResponseReturnValue:
    """Of a scratch machine or a volume beside: a copy, so one click is enough."""
    workspace = workspaces.get(db_session(), handle)
    restore = restores.get(db_session(), workspace, restore_id)
    operation = scratches.request_end(
        db_session(),
        restore,
        asked_by=staff().name,
        now=datetime.now(UTC),
        enqueue=current_app.extensions["enqueue"],
    )
    db_session().commit()
    return redirect(url_for("operations.show", operation_id=operation.id), 303)


def _wrong(workspace: Workspace, typed: str, reason: str, unproven: str | None) -> str:
    if typed != workspace.handle:
        return f"Type {workspace.handle} to say whose old files are meant."
    overridden = "without_proof" in request.form and staff().may(Right.BACKUPS_EDIT)
    if unproven is not None and not overridden:
        return unproven
    return restore_form.wrong_reason(reason)


def _form(
    workspace: Workspace,
    restore: Restore,
    *,
    key: str,
    typed: str = "",
    reason: str = "",
    wrong: str = "",
) -> str:
    if not parking.is_parked(restore):
        raise Conflict("Nothing of it is parked any more.")
    now = datetime.now(UTC)
    return render_template(
        "restores/end.html",
        workspace=workspace,
        restore=restore,
        key=key,
        typed=typed,
        reason=reason,
        wrong=wrong,
        unproven=proof.refusal(db_reader(), workspace, now) or "",
        backup=proof.newest(db_reader(), workspace.id),
        overrides=staff().may(Right.BACKUPS_EDIT),
        overridden="without_proof" in request.form,
        now=now,
    )
