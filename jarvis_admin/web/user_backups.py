"""/backups/users/<handle>: every moment one user can go back to, and the policy behind it."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.pricing import price_at
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import (
    backup_points,
    backup_policies,
    backup_protection,
    backup_retention,
    operations,
    prices,
    workspaces,
)
from jarvis_admin.web import backup_words, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.form_keys import new_key
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("user_backups", __name__, url_prefix="/backups/users/<handle>")


@bp.get("")
@needs(Right.BACKUPS_READ)
def show(handle: str) -> str:
    return _page(handle)


@bp.post("/<archive_id>/protect")
@needs(Right.MACHINES_RESTORE)
def protect(handle: str, archive_id: str) -> ResponseReturnValue:
    workspace = workspaces.get(db_session(), handle)
    try:
        backup_protection.protect(
            db_session(), workspace, archive_id, by=staff().name, why=_why(), now=datetime.now(UTC)
        )
    except Invalid as wrong:
        return _page(handle, wrong=str(wrong)), 422
    db_session().commit()
    return toasts.done("The backup stays until somebody unprotects it.", "", _here(handle))


@bp.post("/<archive_id>/unprotect")
@needs(Right.MACHINES_RESTORE)
def unprotect(handle: str, archive_id: str) -> ResponseReturnValue:
    workspace = workspaces.get(db_session(), handle)
    try:
        backup_protection.unprotect(
            db_session(), workspace, archive_id, by=staff().name, why=_why(), now=datetime.now(UTC)
        )
    except Invalid as wrong:
        return _page(handle, wrong=str(wrong)), 422
    db_session().commit()
    return toasts.done("The backup follows the policy again.", "", _here(handle))


def _page(handle: str, wrong: str = "") -> str:
    session, now = db_reader(), datetime.now(UTC)
    workspace = workspaces.get(session, handle)
    found = backup_points.of_workspace(session, workspace, now)
    plan = backup_retention.schedule_of(session, workspace)
    book, person = price_at(prices.load(session), now), staff()
    live = workspace.destroyed_at is None
    return render_template(
        "backups/user.html",
        workspace=workspace,
        handle=handle,
        now=now,
        here=_here(handle),
        points=found.points,
        outlook=found.outlook.points,
        month=lambda count: dollars(book.store_month_nano(count)),
        derived=backup_policies.derive(session, workspace),
        labels=backup_words.FIELDS,
        value=backup_words.value,
        state=backup_words.archive_state,
        zone=plan.zone.key,
        busy=operations.active_on(session, workspace.id),
        key=new_key(),
        acts=live and person.may(Right.MACHINES_ACT),
        restores=person.may(Right.MACHINES_RESTORE),
        browses=person.may(Right.FILES_READ),
        edits=person.may(Right.BACKUPS_EDIT),
        reads_machine=person.may(Right.MACHINES_READ),
        wrong=wrong,
    )


def _why() -> str:
    return request.form.get("why", "").strip()


def _here(handle: str) -> str:
    return url_for(".show", handle=handle)
