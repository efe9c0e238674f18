"""/costs/what-if: asked, watched, saved, compared, and turned into a change of plans."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.tally import Tally
from jarvis_admin.jobs import what_if
from jarvis_admin.models import AuditEntry, Plan, Scenario
from jarvis_admin.services import prices
from tests.factories import make_plan, make_user, make_workspace
from tests.jobs.clockwork import Clock, make_context
from tests.pasts import make_past
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console

TRIED = {"idle_minutes": "10", "days": "30", "name": "Ten minutes"}


@pytest.fixture
def finance(sign_in: SignIn) -> Console:
    return sign_in("finance")


@pytest.fixture(autouse=True)
def past(sessions: Sessions) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with sessions.begin() as session:
        book = prices.import_first_book(session)
        plan = make_plan(session, key="pro", name="Pro", size="shared-cpu-2x:2048MB")
        for number in range(2):
            user = make_user(session, plan=plan, handle=f"user-{number}")
            make_past(session, make_workspace(session, user=user), book, midnight, 30)


def work(sessions: Sessions) -> None:
    """What the worker does with the queue."""
    loop, context = what_if.Loop(), make_context(sessions, Clock(datetime.now(UTC)))
    while loop.work(context):
        pass


def ask(console: Console, **changes: str) -> str:
    """The address of a new scenario."""
    answer = console.post("/costs/what-if", **{**TRIED, **changes})
    assert answer.status_code == 303
    return str(answer.location)


def test_a_scenario_is_asked_worked_off_and_shown(finance: Console, sessions: Sessions):
    address = ask(finance)
    waiting = finance.get(address).text
    work(sessions)
    done = finance.get(address).text

    assert "Waits for the worker" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert 'hx-trigger="every 2s"' not in done
    assert re.search(r"Money in 30 days</span><b>−\d", done)
    assert re.search(r"Extra wakes in 30 days</span><b>\+60</b>", done)
    assert "Saves most" in done
    assert "user-1" in done
    assert "asleep after 10 min" in done


def test_its_live_part_is_a_fragment_of_the_page(finance: Console):
    address = ask(finance)

    part = finance.get(address, fragment=True).text

    assert "<html" not in part
    assert 'id="scenario"' in part


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"idle_minutes": ""}, "Change at least one thing"),
        ({"idle_minutes": "soon"}, "Idle time-out: write a whole number from 1 to 1,440."),
        ({"idle_minutes": "0"}, "Idle time-out: write a whole number"),
        ({"size": "huge"}, "is not a machine size"),
        ({"region": "xyz"}, "no region"),
        ({"days": "31"}, "30, 60 or 90 days"),
        ({"q": "colour:red"}, "colour"),
        ({"q": "user:nobody"}, "No machine matches"),
        ({"sleeps": "snore"}, "suspended or stopped"),
        ({"volume_gb": "9" * 40}, "Volume: write a whole number"),
    ],
)
def test_what_cannot_be_used_is_said_and_kept(finance: Console, typed: dict[str, str], said: str):
    answer = finance.post("/costs/what-if", **{**TRIED, "name": "My own try", **typed})

    assert answer.status_code == 422
    assert said in answer.text
    assert "My own try" in answer.text


def test_without_a_name_it_says_what_it_tries(finance: Console):
    assert (
        "asleep after 10 min, size 1x 1 GB"
        in finance.get(ask(finance, name="", size="shared-cpu-1x:1024MB")).text
    )


def test_saving_and_deleting_are_audited(finance: Console, sessions: Sessions):
    address = ask(finance)
    work(sessions)

    assert finance.post(f"{address}/save", name="Kept").status_code == 303
    assert "Kept" in finance.get("/costs/what-if").text
    assert finance.post(f"{address}/save", name=" ").status_code == 422
    assert finance.post(f"{address}/delete").status_code == 303
    assert finance.get(address).status_code == 404
    with sessions() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert actions == ["scenario.ask", "scenario.save", "scenario.delete"]


def test_up_to_four_stand_side_by_side(finance: Console, sessions: Sessions):
    for minutes in ("5", "10", "15", "60", "120"):
        ask(finance, idle_minutes=minutes, name=f"After {minutes}")
    work(sessions)
    with sessions() as session:
        numbers = list(session.scalars(select(Scenario.id).order_by(Scenario.id)))

    page = finance.get("/costs/what-if/compare?" + "&".join(f"id={n}" for n in numbers)).text

    assert "After 5" in page
    assert "After 60" in page
    assert "After 120" not in page
    assert "1 left out" in page
    assert finance.get("/costs/what-if/compare?id=x").status_code == 200


def test_what_is_shown_adds_up_and_says_what_cannot_shrink(finance: Console, sessions: Sessions):
    tally = Tally(
        now={"compute": 4_000_000, "rootfs": 4_000_000, "volume": 4_000_000},
        then={"compute": 14_000_000, "rootfs": 14_000_000, "volume": 4_000_000},
        users=9,
        larger=4,
    )
    store(sessions, state="done", tally=tally.to_json(), policy={"volume_gb": 1})

    page = finance.get("/costs/what-if/1").text
    rows = tables.rows(page, "Money by component")[1:]

    cents = [[round(100 * float(cell.replace("−", "-"))) for cell in row[1:]] for row in rows]
    assert [sum(column) for column in zip(*cents[:-1], strict=True)] == cents[-1] == [1, 3, 2]
    assert all(then - now == difference for now, then, difference in cents)
    assert "4 of 9 users have a larger one, which stays as it is" in page


def test_an_admin_turns_it_into_a_change_of_plans(admin: Console, sessions: Sessions):
    address = ask(admin)
    work(sessions)

    plan = admin.get(f"{address}/policy").text
    mark = re.search(r'name="mark" value="(\w+)"', plan)[1]

    assert "Idle time-out, min: 30 → 10" in plan
    assert admin.post(f"{address}/policy", mark=mark, reason="").status_code == 422
    assert admin.post(f"{address}/policy", mark="old", reason="dear").status_code == 409
    assert admin.post(f"{address}/policy", mark=mark, reason="too dear").status_code == 303
    with sessions() as session:
        assert session.scalars(select(Plan.idle_minutes)).one() == 10
    assert "the plans are so already" in admin.get(f"{address}/policy").text


def test_an_unfinished_one_has_no_plan(admin: Console):
    assert admin.get(f"{ask(admin)}/policy").status_code == 409


PAGES = ("/costs/what-if", "/costs/what-if/1", "/costs/what-if/compare?id=1")
WRITES = ("/costs/what-if/1/save", "/costs/what-if/1/delete")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("role", "status"), [("finance", 200), ("support", 403), ("admin", 200)])
def test_who_may_read(sign_in: SignIn, sessions: Sessions, path: str, role: str, status: int):
    store(sessions)

    assert sign_in(role).get(path).status_code == status


@pytest.mark.parametrize("path", ["/costs/what-if", *WRITES])
def test_support_may_ask_nothing(sign_in: SignIn, sessions: Sessions, path: str):
    store(sessions)

    assert sign_in("support").post(path, **TRIED).status_code == 403


@pytest.mark.parametrize(("role", "status"), [("finance", 403), ("support", 403), ("admin", 200)])
def test_only_who_edits_policies_sees_the_plan(
    sign_in: SignIn, sessions: Sessions, role: str, status: int
):
    store(sessions, state="done")
    console = sign_in(role)

    assert console.get("/costs/what-if/1/policy").status_code == status
    if status == 403:
        assert console.post("/costs/what-if/1/policy", mark="x", reason="y").status_code == 403


def store(sessions: Sessions, state: str = "queued", **given: object) -> None:
    now = datetime.now(UTC)
    with sessions.begin() as session:
        session.add(
            Scenario(
                **{
                    "name": "Stored",
                    "author": "Lea",
                    "created_at": now,
                    "since": now.date() - timedelta(days=30),
                    "until": now.date(),
                    "policy": {"idle_minutes": 10},
                    "state": state,
                    "total": 2,
                    **given,
                }
            )
        )
