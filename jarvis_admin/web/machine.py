"""/machines/<handle>: one machine with everything about it."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.rights import Right
from jarvis_admin.services import workspaces
from jarvis_admin.web.access import needs
from jarvis_admin.web.session import db_reader

bp = Blueprint("machine", __name__, url_prefix="/machines/<handle>")


@bp.get("")
@needs(Right.MACHINES_READ)
def show(handle: str) -> ResponseReturnValue:
    return workspaces.get(db_reader(), handle).handle
