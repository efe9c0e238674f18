"""/budgets/unusual: the rules for a user's day that costs far more than usual."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Plan, UnusualRule
from jarvis_admin.services import staff_list, unusual, unusual_rules
from jarvis_admin.services.unusual_rules import RuleWish
from jarvis_admin.web import back_tests, dollar_fields, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("unusual", __name__, url_prefix="/budgets/unusual")

_FIELDS = ("plan", "percent", "minimum", "owner")
_NEW = {"percent": "200", "minimum": "2"}


@bp.get("")
@needs(Right.BUDGETS_READ)
def index() -> str:
    now = datetime.now(UTC)
    return render_template(
        "budgets/unusual.html",
        rows=[
            (row, dollars(row.minimum_nano), bool(row.snoozed_until and row.snoozed_until > now))
            for row in unusual_rules.every(db_reader())
        ],
        edits=Right.BUDGETS_EDIT in staff().rights,
    )


@bp.get("/new")
@needs(Right.BUDGETS_EDIT)
def new() -> str:
    return _form({**_NEW, "owner": str(staff().id)})


@bp.get("/<int:rule_id>")
@needs(Right.BUDGETS_EDIT)
def edit(rule_id: int) -> str:
    return _form(_typed(unusual_rules.get(db_reader(), rule_id)), rule_id)


@bp.post("/try")
@needs(Right.BUDGETS_EDIT)
def try_out() -> ResponseReturnValue:
    """Writes nothing: the form again, with what the rule would have found."""
    rule_id = request.form.get("id", type=int)
    try:
        wish = _wish()
        unusual_rules.check(db_reader(), wish)
    except Invalid as error:
        return _form(_sent(), rule_id, wrong=str(error)), 422
    found = unusual.back_test(db_reader(), wish.rule, wish.plan, datetime.now(UTC))
    return _form(_sent(), rule_id, tried=back_tests.of_unusual(found))


@bp.post("")
@needs(Right.BUDGETS_EDIT)
def create() -> ResponseReturnValue:
    return _save(None)


@bp.post("/<int:rule_id>")
@needs(Right.BUDGETS_EDIT)
def change(rule_id: int) -> ResponseReturnValue:
    return _save(rule_id)


@bp.post("/<int:rule_id>/delete")
@needs(Right.BUDGETS_EDIT)
def delete(rule_id: int) -> ResponseReturnValue:
    unusual_rules.delete(db_session(), rule_id, actor=staff().name, now=datetime.now(UTC))
    db_session().commit()
    return toasts.done("The rule is deleted; its alerts stay.", "", url_for(".index"))


@bp.post("/<int:rule_id>/snooze")
@needs(Right.BUDGETS_EDIT)
def snooze(rule_id: int) -> ResponseReturnValue:
    now = datetime.now(UTC)
    until = dollar_fields.snooze_end(now)
    said = f"The rule is snoozed until {until:%-d %B %H:%M} UTC."
    return _rest(rule_id, until, now, said)


@bp.post("/<int:rule_id>/wake")
@needs(Right.BUDGETS_EDIT)
def wake(rule_id: int) -> ResponseReturnValue:
    return _rest(rule_id, None, datetime.now(UTC), "The rule fires alerts again.")


def _save(rule_id: int | None) -> ResponseReturnValue:
    try:
        unusual_rules.save(
            db_session(), _wish(), actor=staff().name, now=datetime.now(UTC), rule_id=rule_id
        )
    except Invalid as error:
        db_session().rollback()
        return _form(_sent(), rule_id, wrong=str(error)), 422
    db_session().commit()
    return toasts.done("The rule is saved.", "", url_for(".index"))


def _rest(rule_id: int, until: datetime | None, now: datetime, said: str) -> ResponseReturnValue:
    unusual_rules.snooze(
        db_session(), rule_id, until, reason=dollar_fields.reason(), actor=staff().name, at=now
    )
    db_session().commit()
    return toasts.done(said, "", url_for(".index"))


def _wish() -> RuleWish:
    form = request.form
    percent = form.get("percent", "").strip().removesuffix("%").strip()
    if not (percent.isascii() and percent.isdecimal() and len(percent) <= 6):
        raise Invalid("The percentage is a whole number, like 200.")
    return RuleWish(
        plan=form.get("plan", ""),
        percent=int(percent),
        minimum_nano=dollar_fields.read(form.get("minimum", ""), "The minimum"),
        owner_id=dollar_fields.owner_id(),
    )


def _sent() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in _FIELDS}


def _typed(row: UnusualRule) -> dict[str, str]:
    return {
        "plan": row.plan,
        "percent": str(row.percent),
        "minimum": dollar_fields.write(row.minimum_nano),
        "owner": str(row.owner_id or ""),
    }


def _form(
    typed: dict[str, str],
    rule_id: int | None = None,
    *,
    wrong: str = "",
    tried: back_tests.UnusualTrial | None = None,
) -> str:
    row = unusual_rules.get(db_reader(), rule_id) if rule_id is not None else None
    now = datetime.now(UTC)
    return render_template(
        "budgets/unusual_form.html",
        typed={name: typed.get(name, "") for name in _FIELDS},
        row=row,
        snoozed=bool(row and row.snoozed_until and row.snoozed_until > now),
        plans=db_reader().execute(select(Plan.key, Plan.name).order_by(Plan.id)).all(),
        people=staff_list.active(db_reader()),
        wrong=wrong,
        tried=tried,
    )
