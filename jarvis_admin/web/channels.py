"""/budgets/channels: where alerts go, and how each delivery went."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.rights import Right, Role
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.services import channels, deliveries
from jarvis_admin.services.alerts import Kind
from jarvis_admin.web import toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.alerts import DELIVERY_LOOKS, WORDS
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("channels", __name__, url_prefix="/budgets/channels")


@bp.get("")
@needs(Right.CHANNELS_EDIT)
def index() -> str:
    return _log() if wants_fragment() else _page()


@bp.post("")
@needs(Right.CHANNELS_EDIT)
def add() -> ResponseReturnValue:
    """The address is never shown again, not even in the form that came back."""
    form = request.form
    try:
        row = channels.add(
            db_session(),
            current_app.extensions["settings"],
            name=form.get("name", ""),
            address=form.get("secret", ""),  # so named, error reports leave it out
            kinds=form.getlist("kinds"),
            roles=form.getlist("roles"),
            actor=staff().name,
            now=datetime.now(UTC),
        )
    except (Invalid, Conflict) as error:
        db_session().rollback()
        return _page(wrong=str(error)), error.status
    db_session().commit()
    return toasts.done(
        f"{row.name} is added. Test it, so that the first alert arrives.", "", url_for(".index")
    )


@bp.post("/<int:channel_id>/test")
@needs(Right.CHANNELS_EDIT)
def test(channel_id: int) -> ResponseReturnValue:
    row = channels.get(db_session(), channel_id)
    deliveries.queue_test(db_session(), row, actor=staff().name, now=datetime.now(UTC))
    db_session().commit()
    return _back(f"A test for {row.name} is on its way; its result appears in the log.")


@bp.post("/<int:channel_id>/delete")
@needs(Right.CHANNELS_EDIT)
def delete(channel_id: int) -> ResponseReturnValue:
    name = channels.delete(db_session(), channel_id, actor=staff().name, now=datetime.now(UTC))
    db_session().commit()
    return toasts.done(f"{name} gets no alerts any more.", "", url_for(".index"))


@bp.post("/deliveries/<int:delivery_id>/retry")
@needs(Right.CHANNELS_EDIT)
def retry(delivery_id: int) -> ResponseReturnValue:
    deliveries.retry(db_session(), delivery_id, actor=staff().name, now=datetime.now(UTC))
    db_session().commit()
    return _back("It is tried again.")


def _back(said: str) -> ResponseReturnValue:
    return toasts.done(said, "", url_for(".index") + "#deliveries")


def _page(wrong: str = "") -> str:
    form = request.form
    return render_template(
        "budgets/channels.html",
        channels=channels.every(db_reader()),
        kinds=[(each.value, WORDS[each][1]) for each in Kind],
        roles=[each.value for each in Role],
        name=form.get("name", ""),
        chosen=form.getlist("kinds") if wrong else [Kind.BUDGET, Kind.FORECAST, Kind.UNUSUAL],
        chosen_roles=form.getlist("roles"),
        wrong=wrong,
        **_log_parts(),
    )


def _log() -> str:
    return render_template("budgets/_deliveries.html", **_log_parts())


def _log_parts() -> dict[str, object]:
    rows = deliveries.log(db_reader())
    return {
        "log": rows,
        "under_way": deliveries.any_under_way(rows),
        "states": DELIVERY_LOOKS,
        "most_attempts": deliveries.MOST_ATTEMPTS,
        "now": datetime.now(UTC),
    }
