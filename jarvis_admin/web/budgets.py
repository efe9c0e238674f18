"""/budgets: what may be spent in a month, tried on the past before it is saved."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import ImmutableMultiDict

from jarvis_admin.domain.budgets import parse_percents
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import Budget, Plan
from jarvis_admin.services import budget_history, budgets, staff_list
from jarvis_admin.services.budgets import Wish
from jarvis_admin.web import back_tests, budget_rows, dollar_fields, toasts
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.budget_tabs import budget_tabs
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("budgets", __name__, url_prefix="/budgets")
bp.add_app_template_global(budget_tabs)

_NEW = {"scope": "fleet", "actual": "50 80 100", "forecast": "100"}
_FIELDS = ("scope", "key", "amount", "actual", "forecast", "owner", "note")


@bp.get("")
@needs(Right.BUDGETS_READ)
def index() -> str:
    now = datetime.now(UTC)
    found = budgets.every(db_reader())
    return render_template(
        "budgets/index.html",
        rows=[budget_rows.row(each, now) for each in found],
        stood_at=min((each.stood_at for each in found if each.stood_at), default=None),
        edits=Right.BUDGETS_EDIT in staff().rights,
        now=now,
    )


@bp.get("/new")
@needs(Right.BUDGETS_EDIT)
def new() -> str:
    return _form({**_NEW, "owner": str(staff().id)})


@bp.get("/<int:budget_id>")
@needs(Right.BUDGETS_EDIT)
def edit(budget_id: int) -> str:
    return _form(_typed(budgets.get(db_reader(), budget_id)), budget_id)


@bp.post("/try")
@needs(Right.BUDGETS_EDIT)
def try_out() -> ResponseReturnValue:
    """Writes nothing: the form again, with what the budget would have done."""
    budget_id = request.form.get("id", type=int)
    try:
        wish = _wish()
        budgets.check(db_reader(), wish, budget_id=budget_id)
    except (Invalid, Conflict) as error:
        return _form(_sent(), budget_id, wrong=str(error)), 422
    now = datetime.now(UTC)
    past = budget_history.back_test(
        db_reader(), wish.scope, wish.key, wish.amount_nano, wish.thresholds, now
    )
    return _form(_sent(), budget_id, tried=back_tests.of_budget(past))


@bp.post("")
@needs(Right.BUDGETS_EDIT)
def create() -> ResponseReturnValue:
    return _save(None)


@bp.post("/<int:budget_id>")
@needs(Right.BUDGETS_EDIT)
def change(budget_id: int) -> ResponseReturnValue:
    return _save(budget_id)


@bp.post("/<int:budget_id>/delete")
@needs(Right.BUDGETS_EDIT)
def delete(budget_id: int) -> ResponseReturnValue:
    name = budgets.delete(db_session(), budget_id, actor=staff().name, now=datetime.now(UTC))
    db_session().commit()
    return toasts.done(f"{name} has no budget any more; its alerts stay.", "", url_for(".index"))


@bp.post("/<int:budget_id>/snooze")
@needs(Right.BUDGETS_EDIT)
def snooze(budget_id: int) -> ResponseReturnValue:
    now = datetime.now(UTC)
    return _rest(budget_id, dollar_fields.snooze_end(now), now)


@bp.post("/<int:budget_id>/wake")
@needs(Right.BUDGETS_EDIT)
def wake(budget_id: int) -> ResponseReturnValue:
    return _rest(budget_id, None, datetime.now(UTC))


def _save(budget_id: int | None) -> ResponseReturnValue:
    now = datetime.now(UTC)
    try:
        row = budgets.save(db_session(), _wish(), actor=staff().name, now=now, budget_id=budget_id)
    except (Invalid, Conflict) as error:
        db_session().rollback()
        return _form(_sent(), budget_id, wrong=str(error)), error.status
    db_session().commit()
    name = budgets.name_of(row.scope, row.key)
    return toasts.done(f"The budget of {_mid(name)} is saved.", "", url_for(".index"))


def _rest(budget_id: int, until: datetime | None, now: datetime) -> ResponseReturnValue:
    row = budgets.snooze(
        db_session(),
        budget_id,
        until,
        reason=dollar_fields.reason(),
        actor=staff().name,
        at=now,
    )
    db_session().commit()
    name = _mid(budgets.name_of(row.scope, row.key))
    said = f"is snoozed until {until:%-d %B %H:%M} UTC" if until else "fires alerts again"
    return toasts.done(f"The budget of {name} {said}.", "", url_for(".index"))


def _wish() -> Wish:
    form = request.form
    scope = form.get("scope", "")
    return Wish(
        scope=scope,
        key="" if scope == "fleet" else form.get("key", "").strip().lower(),
        amount_nano=dollar_fields.read(form.get("amount", ""), "The amount"),
        actual=parse_percents(form.get("actual", "")),
        forecast=parse_percents(form.get("forecast", "")),
        owner_id=dollar_fields.owner_id(),
        note=form.get("note", "").strip(),
    )


def _sent() -> dict[str, str]:
    sent: ImmutableMultiDict[str, str] = request.form
    return {name: sent.get(name, "") for name in _FIELDS}


def _typed(row: Budget) -> dict[str, str]:
    """The row as it would be typed."""
    return {
        "scope": row.scope,
        "key": row.key,
        "amount": dollar_fields.write(row.amount_nano),
        "actual": " ".join(map(str, row.actual_percents)),
        "forecast": " ".join(map(str, row.forecast_percents)),
        "owner": str(row.owner_id or ""),
        "note": row.note,
    }


def _form(
    typed: dict[str, str],
    budget_id: int | None = None,
    *,
    wrong: str = "",
    tried: back_tests.BudgetTrial | None = None,
) -> str:
    now = datetime.now(UTC)
    row = budgets.get(db_reader(), budget_id) if budget_id is not None else None
    keys: list[Any] = list(db_reader().scalars(select(Plan.key).order_by(Plan.id)))
    return render_template(
        "budgets/form.html",
        typed={name: typed.get(name, "") for name in _FIELDS},
        row=row,
        name=budgets.name_of(row.scope, row.key) if row else "",
        snoozed=row is not None and budgets.is_snoozed(row, now),
        plans=keys,
        people=staff_list.active(db_reader()),
        wrong=wrong,
        tried=tried,
    )


def _mid(name: str) -> str:
    """As the middle of a sentence has it; handles keep their case anyway."""
    return f"the {name.lower()}" if name == "Fleet" else name[0].lower() + name[1:]
