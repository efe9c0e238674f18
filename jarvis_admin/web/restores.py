"""/machines/<handle>/restores/<id>: a restore while it runs, then keep or go back."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.restores import WORDS, Kind, Target
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Conflict
from jarvis_admin.models import Machine, Restore, Workspace
from jarvis_admin.services import operations, parking, restores, workspaces
from jarvis_admin.services.restores import Asked
from jarvis_admin.web import machine_rows
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.form_keys import new_key, sent_key
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("restores", __name__, url_prefix="/machines/<handle>/restores/<restore_id>")


@bp.get("")
@needs(Right.MACHINES_READ)
def show(handle: str, restore_id: str) -> ResponseReturnValue:
    workspace = workspaces.get(db_reader(), handle)
    restore = restores.get(db_reader(), workspace, restore_id)
    template = "restores/_restore.html" if wants_fragment() else "restores/show.html"
    return _page(template, workspace, restore)


@bp.post("/back")
@needs(Right.MACHINES_RESTORE)
def back(handle: str, restore_id: str) -> ResponseReturnValue:
    """What is present is parked in turn, so one click is enough."""
    workspace = workspaces.get(db_session(), handle)
    restore = restores.get(db_session(), workspace, restore_id)
    if restore.machine_id != workspace.machine_id:
        raise Conflict("Something newer has taken over since: its own page has the way back.")
    undo = restores.request(
        db_session(),
        workspace,
        Asked(Kind.UNDO, undoes=restore),
        asked_by=staff().name,
        reason=f"Back from restore {restore.id}",
        key=sent_key(),
        now=datetime.now(UTC),
        enqueue=current_app.extensions["enqueue"],
    )
    db_session().commit()
    return redirect(url_for(".show", handle=handle, restore_id=undo.id), 303)


def _page(template: str, workspace: Workspace, restore: Restore) -> str:
    now = datetime.now(UTC)
    operation = operations.get_operation(db_reader(), restore.operation_id)
    parked = parking.is_parked(restore)
    window = (restore.parked_until or now) - (restore.parked_at or now)
    left = max((restore.parked_until or now) - now, timedelta())
    settings = current_app.extensions["settings"]
    return render_template(
        template,
        workspace=workspace,
        restore=restore,
        words=WORDS[Kind(restore.kind)],
        operation=operation,
        title=machine_rows.title_of(operation.kind),
        cancels=staff().may(Right.OPERATIONS_CANCEL),
        acts=staff().may(Right.MACHINES_RESTORE) and parked,
        removes=staff().may(Right.MACHINES_RESTORE) and restore.target != Target.HERE,
        current=restore.machine_id == workspace.machine_id,
        parked=parked,
        left=left,
        left_percent=100 * left / window if window else 0,
        old=_machine(restore.parked_machine_id),
        a_day=dollars(
            parking.cost_a_day(db_reader(), workspace.volume_gb, settings.guest_rootfs_mb, now)
        ),
        key=new_key(),
        now=now,
    )


def _machine(machine_id: str | None) -> Machine | None:
    return db_reader().get(Machine, machine_id) if machine_id else None
