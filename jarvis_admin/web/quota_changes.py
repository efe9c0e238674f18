"""POST /quotas/<handle>/…: grants, exemptions and own limits, given and taken back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.quotas import kinds
from jarvis_admin.domain.quotas.kinds import UNITS, Kind
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid, NotFound
from jarvis_admin.models import User, Workspace
from jarvis_admin.services import quota_brakes, quota_grants, quota_limits, workspaces
from jarvis_admin.web import quotas, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_session

bp = Blueprint("quota_changes", __name__, url_prefix="/quotas/<handle>")

Change = Callable[[User, datetime], str]


@bp.post("/grants")
@needs(Right.QUOTAS_GRANT)
def grant(handle: str) -> ResponseReturnValue:
    def give(user: User, now: datetime) -> str:
        kind = _kind()
        amount, until = kinds.read(kind, request.form.get("amount", "")), _until()
        quota_grants.grant(
            db_session(), user, kind, amount, until=until, reason=_reason(), by=_by(), now=now
        )
        return f"{handle} has {kinds.written(kind, amount)} more {UNITS[kind].title.lower()}."

    return _carry_out(handle, "grant", give)


@bp.post("/grants/<int:number>/revoke")
@needs(Right.QUOTAS_GRANT)
def revoke(handle: str, number: int) -> ResponseReturnValue:
    def take_back(user: User, now: datetime) -> str:
        quota_grants.revoke_grant(db_session(), user, number, by=_by(), now=now)
        return f"The grant of {handle} is taken back."

    return _carry_out(handle, "grant", take_back)


@bp.post("/exemptions")
@needs(Right.QUOTAS_GRANT)
def exempt(handle: str) -> ResponseReturnValue:
    def give(user: User, now: datetime) -> str:
        until = _until()
        quota_grants.exempt(db_session(), user, until=until, reason=_reason(), by=_by(), now=now)
        return f"No quota holds for {handle} until {until:%Y-%m-%d}, 00:00 UTC."

    return _carry_out(handle, "exemption", give)


@bp.post("/exemptions/<int:number>/end")
@needs(Right.QUOTAS_GRANT)
def end_exemption(handle: str, number: int) -> ResponseReturnValue:
    def end(user: User, now: datetime) -> str:
        quota_grants.end_exemption(db_session(), user, number, by=_by(), now=now)
        return f"The quotas hold for {handle} again."

    return _carry_out(handle, "exemption", end)


@bp.post("/limits")
@needs(Right.POLICIES_EDIT)
def set_limit(handle: str) -> ResponseReturnValue:
    """An empty amount: no limit."""

    def set_it(user: User, now: datetime) -> str:
        kind, text, reason = _kind(), request.form.get("amount", "").strip(), _reason()
        if not 3 <= len(reason) <= 500:
            raise Invalid("A reason of 3 to 500 characters goes into the audit trail.")
        amount = kinds.read(kind, text) if text else None
        quota_limits.set_for_user(
            db_session(), user, kind, amount, by=_by(), reason=reason, now=now
        )
        said = "no limit" if amount is None else kinds.written(kind, amount)
        return f"{UNITS[kind].title} of {handle}: {said}."

    return _carry_out(handle, "limit", set_it)


@bp.post("/limits/<any(running, dollars, wakes, storage, memory, backups):kind>/clear")
@needs(Right.POLICIES_EDIT)
def clear_limit(handle: str, kind: str) -> ResponseReturnValue:
    def clear(user: User, now: datetime) -> str:
        quota_limits.clear_for_user(db_session(), user, Kind(kind), by=_by(), now=now)
        return f"{UNITS[Kind(kind)].title} of {handle}: as the plan has it."

    return _carry_out(handle, "limit", clear)


def _carry_out(handle: str, form: str, change: Change) -> ResponseReturnValue:
    """The change and the brake that follows from it, or the page with what is wrong."""
    now = datetime.now(UTC)
    session = db_session()
    workspace = workspaces.get(session, handle)
    try:
        message = change(_user(workspace), now)
    except Invalid as wrong:
        session.rollback()
        workspace = workspaces.get(session, handle)
        return quotas.user_page(session, workspace, now, wrong=str(wrong), form=form), 422
    quota_brakes.judge_now(session, workspace, now)
    session.commit()
    return toasts.done(message, "", url_for("quotas.show", handle=handle))


def _user(workspace: Workspace) -> User:
    if workspace.user is None or workspace.destroyed_at is not None:
        raise NotFound(f"{workspace.handle} has no quotas: nobody uses this machine now.")
    return workspace.user


def _by() -> str:
    return staff().name


def _reason() -> str:
    return request.form.get("reason", "").strip()


def _kind() -> Kind:
    asked = request.form.get("kind", "")
    if asked not in (*Kind,):
        raise Invalid("Choose what is to be changed.")
    return Kind(asked)


def _until() -> datetime:
    """The end of the day that was chosen, in UTC."""
    try:
        day = date.fromisoformat(request.form.get("until", ""))
        return datetime.combine(day + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("Choose the last day of it, written like 2026-11-30.") from error
