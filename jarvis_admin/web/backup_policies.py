"""/backups/policy and /backups/users/<handle>/policy: what counts, tried before it is saved."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain import backup_terms, regions
from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.pricing import price_at
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.services import (
    backup_policies,
    backup_rehearsal,
    prices,
    quota_plans,
    workspaces,
)
from jarvis_admin.services.backup_rehearsal import Rehearsal
from jarvis_admin.web import backup_form, backup_words, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("backup_policies", __name__, url_prefix="/backups")

_LONGEST_LIST = 100


@bp.get("/policy")
@needs(Right.BACKUPS_READ)
def index() -> str:
    policies = backup_policies.load(db_reader())
    plans = sorted(policies.plans.values(), key=lambda plan: (plan.price_month_nano, plan.id))
    return render_template(
        "backups/policies.html",
        plans=[(plan, policies.of_plans[plan.id]) for plan in plans],
        exceptions=backup_policies.people_with_exceptions(db_reader()),
        rhythm=backup_terms.rhythm,
        kept=backup_terms.kept,
        quiet=backup_words.quiet,
        edits=staff().may(Right.BACKUPS_EDIT),
    )


@bp.get("/policy/<key>")
@needs(Right.BACKUPS_EDIT)
def edit(key: str) -> ResponseReturnValue:
    """As it is; or, with figures in the address, those and what they would change."""
    session, now = db_reader(), datetime.now(UTC)
    plan = quota_plans.get(session, key)
    about = _of_plan(plan, backup_policies.house(plan))
    if "every_hours" not in request.args:
        return _page(about, backup_form.typed(backup_policies.plan_terms(session, plan)), now)
    try:
        policy = backup_policies.try_for_plan(plan, backup_form.read(request.args))
    except Invalid as wrong:
        return _page(about, backup_form.sent(request.args), now, wrong=str(wrong)), 422
    tried = backup_rehearsal.of_plan(session, plan, policy, now)
    return _page(about, backup_form.sent(request.args), now, tried=tried)


@bp.post("/policy/<key>")
@needs(Right.BACKUPS_EDIT)
def save(key: str) -> ResponseReturnValue:
    session, now = db_session(), datetime.now(UTC)
    plan = quota_plans.get(session, key)
    try:
        changed = backup_policies.set_for_plan(
            session, plan, backup_form.read(request.form), now=now, **_said()
        )
    except Invalid as wrong:
        about = _of_plan(plan, backup_policies.house(plan))
        return _page(about, backup_form.sent(request.form), now, wrong=str(wrong)), 422
    session.commit()
    said = "is saved, for all its users and those to come" if changed else "is as it was"
    return toasts.done(f"The backup policy of {plan.name} {said}.", "", url_for(".index"))


@bp.get("/users/<handle>/policy")
@needs(Right.BACKUPS_EDIT)
def edit_user(handle: str) -> ResponseReturnValue:
    session, now = db_reader(), datetime.now(UTC)
    workspace = workspaces.get(session, handle)
    about = _of_user(workspace, backup_policies.of_plan(session, workspace.plan))
    if "every_hours" not in request.args:
        own = workspace.user and backup_policies.own_terms(session, workspace.user)
        return _page(about, backup_form.typed(own or {}), now)
    try:
        tried = backup_rehearsal.of_user(session, workspace, backup_form.read(request.args), now)
    except Invalid as wrong:
        return _page(about, backup_form.sent(request.args), now, wrong=str(wrong)), 422
    return _page(about, backup_form.sent(request.args), now, tried=tried)


@bp.post("/users/<handle>/policy")
@needs(Right.BACKUPS_EDIT)
def save_user(handle: str) -> ResponseReturnValue:
    session, now = db_session(), datetime.now(UTC)
    workspace = workspaces.get(session, handle)
    try:
        backup_policies.set_for_user(
            session, workspace, backup_form.read(request.form), now=now, **_said()
        )
    except Invalid as wrong:
        about = _of_user(workspace, backup_policies.of_plan(session, workspace.plan))
        return _page(about, backup_form.sent(request.form), now, wrong=str(wrong)), 422
    session.commit()
    back = url_for("user_backups.show", handle=handle)
    return toasts.done(f"The backup policy of {handle} is saved.", "", back)


def _of_plan(plan: Any, base: BackupPolicy) -> dict[str, Any]:
    return {
        "name": plan.name,
        "crumb": "Policies",
        "whom": "all users of the plan without exceptions, also those to come",
        "base": backup_form.typed(vars(base)),
        "base_name": "the house’s",
        "here": url_for(".edit", key=plan.key),
        "back": url_for(".index"),
    }


def _of_user(workspace: Any, base: BackupPolicy) -> dict[str, Any]:
    return {
        "name": workspace.handle,
        "crumb": workspace.handle,
        "whom": f"exceptions from {workspace.plan.name}; empty is the plan’s",
        "base": backup_form.typed(vars(base)),
        "base_name": "the plan’s",
        "here": url_for(".edit_user", handle=workspace.handle),
        "back": url_for("user_backups.show", handle=workspace.handle),
    }


def _said() -> dict[str, str]:
    return {"by": staff().name, "reason": request.form.get("reason", "").strip()}


def _page(
    about: Mapping[str, Any],
    fields: Mapping[str, str],
    now: datetime,
    *,
    tried: Rehearsal | None = None,
    wrong: str = "",
) -> str:
    """`tried` is what the fields would change; without it there is nothing to save yet."""
    book = price_at(prices.load(db_reader()), now)
    return render_template(
        "backups/policy.html",
        about=about,
        fields=fields,
        labels=backup_words.FIELDS,
        rhythms=backup_words.RHYTHMS,
        zones=sorted({region.timezone for region in regions.REGIONS.values()}),
        counts=backup_form.COUNTS,
        days=backup_form.DAYS,
        tried=tried,
        goes=tried.goes[:_LONGEST_LIST] if tried else [],
        month=lambda count: dollars(book.store_month_nano(count)),
        reason=request.form.get("reason", ""),
        wrong=wrong,
        now=now,
    )
