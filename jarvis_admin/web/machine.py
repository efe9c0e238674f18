"""/machines/<handle>: one machine with everything about it, live."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.regions import city
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Operation, Workspace
from jarvis_admin.services import (
    archives,
    drills,
    parking,
    quota_brakes,
    timeline,
    workspace_costs,
    workspace_parts,
    workspaces,
)
from jarvis_admin.services.timeline import Kind
from jarvis_admin.web import (
    live,
    machine_costs,
    machine_ribbon,
    machine_rows,
    machine_timeline,
    quota_words,
)
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.machine_timeline import Timeline
from jarvis_admin.web.machine_verbs import DESTROY, buttons
from jarvis_admin.web.session import db_reader

_ARCHIVES = 8

bp = Blueprint("machine", __name__, url_prefix="/machines/<handle>")


@bp.get("")
@needs(Right.MACHINES_READ)
def show(handle: str) -> ResponseReturnValue:
    seen = live.read(datetime.now(UTC))
    if wants_fragment() and seen.unchanged:
        return seen.not_modified()
    workspace = workspaces.get(db_reader(), handle)
    operation = workspace_parts.latest_operation(db_reader(), workspace)
    context = {
        "live": seen,
        "here": request.full_path.rstrip("?"),
        **_header(workspace, operation),
        **_history(workspace, seen.now),
        **_money(workspace, seen.now),
        "machine": workspace_parts.machine(db_reader(), workspace),
        "volume": workspace_parts.volume(db_reader(), workspace),
        "snapshots": workspace_parts.snapshots(db_reader(), workspace),
        "parked": parking.parked(db_reader(), workspace.id),
        "archives": archives.of_workspace(db_reader(), workspace.id, _ARCHIVES),
        "browses": staff().may(Right.FILES_READ),
        "drills": staff().may(Right.MACHINES_RESTORE) and workspace.destroyed_at is None,
        "drill": drills.active_on(db_reader(), workspace.id),
        "reads_backups": staff().may(Right.BACKUPS_READ),
    }
    if wants_fragment():
        return seen.fragment(render_template("machines/_machine.html", **context))
    return render_template("machines/show.html", **context)


@bp.get("/operation")
@needs(Right.OPERATIONS_READ)
def operation(handle: str) -> ResponseReturnValue:
    """The card of the latest operation: asks for itself while there is something to wait for."""
    workspace = workspaces.get(db_reader(), handle)
    latest = workspace_parts.latest_operation(db_reader(), workspace)
    return render_template("machines/_operation.html", **_work(workspace, latest))


def _header(workspace: Workspace, latest: Operation | None) -> dict[str, Any]:
    busy = machine_rows.title_of(latest.kind) if latest and latest.active else ""
    gone = workspace.destroyed_at is not None
    brake = quota_brakes.of_workspace(db_reader(), workspace.id)
    return {
        "look": machine_rows.look(workspace.state, workspace.problem),
        "word": machine_rows.word(workspace.state, workspace.problem),
        "city": city(workspace.region),
        "size": machine_rows.size_label(workspace.size),
        "image": machine_rows.tag(workspace.image),
        "acts": staff().may(Right.MACHINES_ACT) and not gone,
        "destroys": staff().may(Right.MACHINES_DESTROY) and not gone,
        "destroy": DESTROY,
        "restores": staff().may(Right.MACHINES_RESTORE) and not gone and bool(workspace.machine_id),
        "buttons": buttons(workspace.state, workspace.size, busy, quota_words.refusal(brake)),
        **quota_words.on_machine(brake),
        "base_domain": current_app.extensions["settings"].base_domain,
        **_work(workspace, latest),
    }


def _work(workspace: Workspace, latest: Operation | None) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "operation": latest,
        "title": machine_rows.title_of(latest.kind) if latest else "",
        "cancels": staff().may(Right.OPERATIONS_CANCEL),
        "now": datetime.now(UTC),
    }


def _history(workspace: Workspace, now: datetime) -> dict[str, Any]:
    since = now - timedelta(days=machine_ribbon.DAYS)
    spans = timeline.states(db_reader(), workspace.id, since, now)
    return {
        "ribbon": machine_ribbon.draw(spans, since, now),
        "timeline": _timeline(workspace, now),
    }


def _timeline(workspace: Workspace, now: datetime) -> Timeline:
    asked, written = request.args.get("show", Kind.ALL), request.args.get("before", "")
    audited = staff().may(Right.AUDIT_READ)
    try:
        kind = Kind(asked)
        before = datetime.fromisoformat(written).astimezone(UTC) if written else None
    except ValueError as error:
        raise Invalid("The address of this page is damaged; start from the top.") from error
    page = timeline.page(db_reader(), workspace, kind, before or now + timedelta(seconds=1))
    return machine_timeline.read(page, kind, workspace.handle, now, before is not None, audited)


def _money(workspace: Workspace, now: datetime) -> dict[str, Any]:
    if not staff().may(Right.USER_COSTS_READ):
        return {"costs": None}
    costs = workspace_costs.month(db_reader(), workspace.id, now)
    return {"costs": machine_costs.card(costs)}
