"""/costs/what-if: scenarios on real history; asked here, computed by the worker."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.pricing import price_at
from jarvis_admin.domain.query import QueryError
from jarvis_admin.domain.rights import Right
from jarvis_admin.domain.tally import Tally
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import Scenario
from jarvis_admin.services import prices, scenarios
from jarvis_admin.web import scenario_tables
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.figures import label
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.scenario_form import DAYS, SLEEPS, ScenarioForm, in_words
from jarvis_admin.web.session import db_reader, db_session

bp = Blueprint("what_if", __name__, url_prefix="/costs/what-if")


@bp.get("")
@needs(Right.WHAT_IF)
def index() -> str:
    return _page(ScenarioForm.read(request.args), "")


@bp.post("")
@needs(Right.WHAT_IF)
def ask() -> ResponseReturnValue:
    now, form = datetime.now(UTC), ScenarioForm.read(request.form)
    try:
        policy = form.policy(price_at(prices.load(db_session()), now))
        scenario = scenarios.ask(
            db_session(),
            name=form.name or ", ".join(in_words(policy))[:80],
            author=staff().name,
            query=form.query,
            days=form.days,
            policy=policy,
            now=now,
        )
    except QueryError as error:
        return _page(form, f"{error.word} {error}"), error.status
    except (Invalid, Conflict) as error:
        return _page(form, str(error)), error.status
    db_session().commit()
    return redirect(url_for(".show", number=scenario.id), 303)


@bp.get("/<int:number>")
@needs(Right.WHAT_IF)
def show(number: int) -> str:
    scenario = scenarios.get(db_reader(), number)
    page = "what_if/_scenario.html" if wants_fragment() else "what_if/show.html"
    return render_template(page, **_shown(scenario))


@bp.post("/<int:number>/save")
@needs(Right.WHAT_IF)
def save(number: int) -> ResponseReturnValue:
    scenario = scenarios.get(db_session(), number)
    name = request.form.get("name", "").strip()[:80]
    scenarios.save(db_session(), scenario, name, by=staff().name, now=datetime.now(UTC))
    db_session().commit()
    flash(f"{name} is kept.")
    return redirect(url_for(".show", number=number), 303)


@bp.post("/<int:number>/delete")
@needs(Right.WHAT_IF)
def delete(number: int) -> ResponseReturnValue:
    scenario = scenarios.get(db_session(), number)
    name = scenario.name
    scenarios.remove(db_session(), scenario, by=staff().name, now=datetime.now(UTC))
    db_session().commit()
    flash(f"{name} is deleted.")
    return redirect(url_for(".index"), 303)


@bp.get("/compare")
@needs(Right.WHAT_IF)
def compare() -> str:
    numbers = [int(n) for n in request.args.getlist("id") if n.isdecimal() and len(n) < 12]
    found = scenarios.picked(db_reader(), numbers)
    done = [one for one in found if one.state == "done"]
    columns = [scenario_tables.column(one) for one in done]
    names = dict.fromkeys(name for one in columns for name in one.money)
    return render_template(
        "what_if/compare.html",
        columns=columns,
        components=[(name, label(name)) for name in names],
        facts=scenario_tables.FACTS,
        unfinished=len(found) - len(done),
        mixed=len({(one.query, one.since, one.until) for one in done}) > 1,
        left_out=max(len(set(numbers)) - scenarios.MOST_COMPARED, 0),
    )


def _page(form: ScenarioForm, wrong: str) -> str:
    now = datetime.now(UTC)
    books = prices.load(db_reader())
    return render_template(
        "what_if/index.html",
        form=form.typed,
        wrong=wrong,
        days=DAYS,
        sleeps=SLEEPS,
        regions=sorted(price_at(books, now).multipliers) if books else [],
        sizes=scenarios.sizes_in_use(db_reader()),
        rows=[
            (one, in_words(Policy.from_json(one.policy))) for one in scenarios.listed(db_reader())
        ],
        most=scenarios.MOST_COMPARED,
        now=now,
    )


def _shown(scenario: Scenario) -> dict[str, object]:
    policy, days = Policy.from_json(scenario.policy), scenario.days
    found: dict[str, object] = {
        "scenario": scenario,
        "words": in_words(policy),
        "waiting": scenario.state in scenarios.WAITING,
        "percent": round(100 * scenario.done / scenario.total, 1) if scenario.total else 0.0,
        "edits": Right.POLICIES_EDIT in staff().rights,
        "now": datetime.now(UTC),
    }
    if scenario.state != "done":
        return found
    tally = Tally.from_json(scenario.tally)
    return found | {
        "tally": tally,
        "money": scenario_tables.money(tally, days),
        "life": scenario_tables.life(tally, days),
        "plans": scenario_tables.plans(tally, days),
        "people": [
            (words, scenario_tables.people(some, days))
            for words, some in (
                ("Saves most", tally.cheaper),
                ("Costs more", tally.dearer),
                ("Waits more often", tally.slower),
            )
            if some
        ],
        "notes": scenario_tables.notes(policy, tally),
    }
