"""/machines/<handle>/restore/changes: which files a restore would lose, as far as archives tell."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.file_names import shown
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Conflict
from jarvis_admin.services import archive_changes, archive_files, archives, file_trail, workspaces
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_session
from jarvis_admin.web.stores import object_store

bp = Blueprint("restore_changes", __name__, url_prefix="/machines/<handle>/restore/changes")

_LOOKS = {"new": "started", "changed": "moving", "deleted": "stopped"}


@bp.get("")
@needs(Right.FILES_READ)
def show(handle: str) -> ResponseReturnValue:
    """Between the point and the newest archive; whoever looks leaves a trace."""
    settings, now = current_app.extensions["settings"], datetime.now(UTC)
    workspace = workspaces.get(db_session(), handle)
    newest = archives.newest(db_session(), workspace.id)
    if newest is None:
        raise Conflict(f"{handle} has no archive to compare with.")
    point = request.args.get("point", "")
    older = archive_files.open_archive(db_session(), workspace, point, settings)
    newer = archive_files.open_archive(db_session(), workspace, newest.id, settings)
    file_trail.listed(db_session(), handle, newer.id, by=staff().name, now=now)
    db_session().commit()
    changes = archive_changes.between(object_store(), older, newer)
    return render_template(
        "restores/changes.html",
        handle=handle,
        older=older,
        newer=newer,
        changes=changes,
        rows=[(shown(one.path), one.how, _LOOKS[one.how], one.size) for one in changes.named],
        now=now,
    )
