"""/sign-in and /sign-out."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from jarvis_admin.domain.rights import Right, rights_of
from jarvis_admin.services import audit, staff, throttle
from jarvis_admin.services.staff import SignedIn
from jarvis_admin.web import access
from jarvis_admin.web.access import needs, public
from jarvis_admin.web.local_paths import page_path
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
@public
def form() -> ResponseReturnValue:
    if access.visitor() is not None:
        return redirect(_way_on(request.args.get("next")), 303)
    return render_template("sign_in.html", email="", wrong=False, next=request.args.get("next"))


@bp.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    email, password = request.form.get("email", ""), request.form.get("password", "")
    address, now = request.remote_addr or "", datetime.now(UTC)
    # Read first: hashing takes a quarter of a second, and no writer should wait for it.
    throttle.refuse_if_tried_too_often(db_reader(), email, address, now)
    person = staff.check(db_reader(), email, password[:1024])
    db = db_session()
    if person is None:
        throttle.note_failure(db, email, address, now)
        db.commit()
        page = render_template(
            "sign_in.html", email=email, wrong=True, next=request.form.get("next")
        )
        return page, 422
    browser = request.user_agent.string
    token = staff.open_session(db, person, address=address, browser=browser, now=now)
    audit.record(db, at=now, actor=person.name, action="sign-in", subject=person.email)
    db.commit()
    session.clear()  # what a stranger could have planted before sign-in is gone
    session.permanent = True
    roles = tuple(person.roles)
    signed_in = SignedIn(person.id, person.name, person.email, roles, rights_of(roles), token)
    login_user(signed_in)  # type: ignore[no-untyped-call]
    return redirect(_way_on(request.form.get("next")), 303)


@bp.post("/sign-out")
@needs(Right.SIGNED_IN)
def leave() -> ResponseReturnValue:
    db = db_session()
    staff.close_session(db, access.staff().token)
    db.commit()
    logout_user()  # type: ignore[no-untyped-call]
    session.clear()
    return redirect(url_for(".form"), 303)


def _way_on(wanted: str | None) -> str:
    return page_path(wanted, url_for("overview.index"))
