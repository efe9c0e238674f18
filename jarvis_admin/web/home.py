"""/: the first page of the navigation that exists and that the person may open."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import NotFound
from jarvis_admin.web.access import needs
from jarvis_admin.web.navigation import entries

bp = Blueprint("home", __name__)


@bp.get("/")
@needs(Right.SIGNED_IN)
def home() -> ResponseReturnValue:
    for entry in entries():
        return redirect(entry.url, 303)
    raise NotFound("Your role opens no page. An admin can give you another one.")
