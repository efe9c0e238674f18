"""/machines/<handle>/restore: choose what is made anew, see what that changes, ask for it."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.domain.restores import WORDS, Kind, operation_of
from jarvis_admin.domain.rights import Right
from jarvis_admin.models import Workspace
from jarvis_admin.services import (
    backup_policies,
    operations,
    parking,
    restore_points,
    restores,
    workspaces,
)
from jarvis_admin.web import restore_form
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.form_keys import new_key, sent_key
from jarvis_admin.web.restore_form import Choice
from jarvis_admin.web.session import db_reader, db_session

_SHOWN = 6

bp = Blueprint("restore_plans", __name__, url_prefix="/machines/<handle>/restore")


@bp.get("")
@needs(Right.MACHINES_RESTORE)
def plan(handle: str) -> ResponseReturnValue:
    workspace = workspaces.get(db_reader(), handle)
    points = restore_points.newest(db_reader(), workspace.id)
    choice = restore_form.read(request.args, points)
    now = datetime.now(UTC)
    wanted = operation_of(choice.kind, choice.target)
    operations.refuse_unless_allowed(db_reader(), workspace, wanted, now)
    return _page(workspace, points, choice, now, key=new_key())


@bp.post("")
@needs(Right.MACHINES_RESTORE)
def ask(handle: str) -> ResponseReturnValue:
    now = datetime.now(UTC)
    workspace = workspaces.get(db_session(), handle)
    points = restore_points.newest(db_session(), workspace.id)
    choice = restore_form.read(request.form, points)
    asked, reason = choice.asked(), request.form.get("reason", "").strip()
    wrong = restore_form.wrong_reason(reason)
    if wrong:
        key = sent_key() or new_key()
        return _page(workspace, points, choice, now, key=key, reason=reason, wrong=wrong), 422
    restore = restores.request(
        db_session(),
        workspace,
        asked,
        asked_by=staff().name,
        reason=reason,
        key=sent_key(),
        now=now,
        enqueue=current_app.extensions["enqueue"],
    )
    db_session().commit()
    return redirect(url_for("restores.show", handle=handle, restore_id=restore.id), 303)


def _page(
    workspace: Workspace,
    points: list[restore_points.Point],
    choice: Choice,
    now: datetime,
    *,
    key: str,
    reason: str = "",
    wrong: str = "",
) -> str:
    return render_template(
        "restores/plan.html",
        workspace=workspace,
        kinds=[(kind, WORDS[kind]) for kind in restore_form.KINDS],
        words=WORDS[choice.kind],
        points=points if "older" in request.args else points[:_SHOWN],
        older=max(len(points) - _SHOWN, 0) if "older" not in request.args else 0,
        choice=choice,
        regions=REGIONS,
        reads_files=staff().may(Right.FILES_READ),
        key=key,
        reason=reason,
        wrong=wrong,
        now=now,
        **_changes(workspace, choice, now),
    )


def _changes(workspace: Workspace, choice: Choice, now: datetime) -> dict[str, Any]:
    settings = current_app.extensions["settings"]
    policy = backup_policies.of_workspace(db_reader(), workspace)
    a_day = parking.cost_a_day(db_reader(), workspace.volume_gb, settings.guest_rootfs_mb, now)
    return {
        "awake": workspace.state == MachineState.STARTED,
        "at_rest_first": choice.kind is Kind.FRESH_MACHINE,
        "policy": policy,
        "until": parking.parked_until(db_reader(), workspace, now),
        "a_day": dollars(a_day),
        "in_all": dollars(a_day * policy.undo_days),
    }
