"""/healthz: the process answers. /readyz: so does its database, with our tables in it."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from jarvis_admin.models import Fleet
from jarvis_admin.web.access import public
from jarvis_admin.web.session import db_reader

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    return {"status": "ok"}


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    try:
        db_reader().execute(select(Fleet.id).limit(1))
    except SQLAlchemyError:
        # The exception names hosts and tables; outside nobody needs to know them.
        return {"status": "database unreachable or not migrated"}, 503
    return {"status": "ok"}
