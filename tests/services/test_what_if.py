"""Scenarios on the ledger of real rows, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.query import QueryError
from jarvis_admin.domain.size import Size
from jarvis_admin.domain.tally import Tally, per_month
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import AuditEntry, Plan, Scenario, UsageDay, Workspace
from jarvis_admin.services import policy_changes, prices, scenarios, what_if
from jarvis_admin.services.histories import Window
from tests.factories import NOON, make_plan, make_user, make_workspace
from tests.pasts import make_past

MIDNIGHT = NOON.replace(hour=0)
DAYS = 30
WINDOW = Window(MIDNIGHT.date() - timedelta(days=DAYS), MIDNIGHT.date())


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        prices.import_first_book(session)
        yield session


def settle(session: Session, users: int = 2, *, recorded: bool = True) -> list[Workspace]:
    book = prices.load(session)[0]
    plan = make_plan(session, key="pro", size="shared-cpu-2x:2048MB", volume_gb=10)
    rows = []
    for number in range(users):
        user = make_user(session, plan=plan, handle=f"user-{number}")
        rows.append(make_workspace(session, user=user))
        make_past(session, rows[-1], book, MIDNIGHT, DAYS, recorded=recorded)
    return rows


def replayed(session: Session, policy: Policy, query: str = "") -> Tally:
    tally, books = Tally(), prices.load(session)
    cursor, some = 0, 1
    while some:
        asked = query, policy, WINDOW
        some, cursor = what_if.add_batch(session, tally, asked, cursor, books, NOON)
    what_if.add_pool(session, tally, policy, WINDOW, books)
    return tally


def hours(micros: int) -> float:
    return round(micros / 3.6e9, 2)


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize(
    "policy",
    [
        Policy(idle_minutes=30),
        Policy(size="shared-cpu-2x:2048MB", region="fra"),
        Policy(volume_gb=10, snapshot_days=5),
        Policy(idle_minutes=30, size="shared-cpu-2x:2048MB", region="fra", volume_gb=10),
    ],
)
def test_the_policy_of_today_costs_what_the_ledger_says(
    session: Session, policy: Policy, recorded: bool
):
    settle(session, recorded=recorded)

    tally = replayed(session, policy)

    ledger = session.scalar(select(func.sum(UsageDay.amount_nano)))
    assert sum(tally.then.values()) == sum(tally.now.values()) == ledger
    assert tally.then == tally.now
    assert (tally.affected, tally.wakes_then) == (0, tally.wakes_now)


def test_a_shorter_time_out_saves_compute_and_wakes_more_often(session: Session):
    settle(session)

    tally = replayed(session, Policy(idle_minutes=10))

    # 09:00–09:30, 09:45–10:10 and 14:00–14:40 a day in place of two and a half hours.
    assert hours(tally.awake_now) == pytest.approx(2 * DAYS * 2.5, abs=0.01)
    assert hours(tally.awake_then) == pytest.approx(2 * DAYS * 95 / 60, abs=0.01)
    assert tally.wakes_then - tally.wakes_now == 2 * DAYS
    assert tally.then["compute"] < tally.now["compute"]
    assert tally.then["rootfs"] > tally.now["rootfs"]
    assert tally.then["volume"] == tally.now["volume"]
    assert (tally.affected, tally.waiting, tally.guessed) == (2, 2, 0)
    assert {one.handle for one in tally.cheaper} == {"user-0", "user-1"}
    assert not tally.dearer


def test_a_longer_one_merges_sessions(session: Session):
    settle(session)

    tally = replayed(session, Policy(idle_minutes=300))

    assert tally.wakes_now - tally.wakes_then == 2 * DAYS
    assert tally.then["compute"] > tally.now["compute"]
    assert tally.waiting == 0


def test_without_records_of_use_the_share_is_told(session: Session):
    settle(session, recorded=False)

    tally = replayed(session, Policy(idle_minutes=10))

    assert tally.guessed_percent == 100
    assert tally.wakes_then == tally.wakes_now
    assert hours(tally.awake_now - tally.awake_then) == pytest.approx(2 * DAYS * 40 / 60, abs=0.01)


def test_size_region_and_volume_are_priced_by_the_book(session: Session):
    settle(session)
    book = prices.load(session)[0]

    tally = replayed(
        session, Policy(size="performance-1x:4096MB", region="gru", volume_gb=20, sleeps="stop")
    )

    assert tally.then["volume"] == pytest.approx(2 * tally.now["volume"], rel=1e-6)
    rate = book.compute_rate(Size.parse("performance-1x:4096MB"), "gru")
    assert tally.then["compute"] == pytest.approx(amount_nano(rate, tally.awake_now), rel=1e-9)
    assert tally.cold_then == tally.wakes_then == tally.wakes_now
    assert tally.affected == 2


def test_volumes_that_cannot_shrink_are_counted(session: Session):
    settle(session)

    tally = replayed(session, Policy(volume_gb=1))

    assert tally.then == tally.now
    assert (tally.larger, tally.affected) == (2, 0)


def test_a_query_narrows_whom_it_is_about(session: Session):
    settle(session, users=3)

    assert replayed(session, Policy(idle_minutes=10), "user:user-1").users == 1
    assert what_if.count(session, "plan:pro -user:user-1", NOON) == 2
    with pytest.raises(QueryError):
        what_if.count(session, "colour:red", NOON)


def test_a_pool_costs_what_is_kept_asleep(session: Session):
    settle(session, users=1)

    tally = replayed(session, Policy(pool_size=4))

    assert tally.now["pool"] == 0
    assert tally.then["pool"] == pytest.approx(4 * 10 * 0.15 * 10**9, rel=1e-6)  # no image known


def test_more_than_a_batch_is_read_batch_by_batch(session: Session):
    plan = make_plan(session)
    for number in range(what_if.BATCH + 3):
        make_workspace(session, user=make_user(session, plan=plan, handle=f"w{number}"))

    assert replayed(session, Policy(idle_minutes=5)).users == what_if.BATCH + 3


def ask(session: Session, **given: object) -> Scenario:
    return scenarios.ask(
        session,
        **{
            "name": "Shorter",
            "author": "Lea",
            "query": "",
            "days": DAYS,
            "policy": Policy(idle_minutes=10),
            "now": NOON,
            **given,
        },
    )


def finished(session: Session, **given: object) -> Scenario:
    scenario = ask(session, **given)
    scenario.tally = replayed(session, Policy.from_json(scenario.policy)).to_json()
    scenario.state = "done"
    session.flush()
    return scenario


def test_what_would_change_nothing_or_nobody_is_refused(session: Session):
    settle(session)

    with pytest.raises(Invalid, match="Change at least one thing"):
        ask(session, policy=Policy())
    with pytest.raises(Invalid, match="No machine matches"):
        ask(session, query="user:nobody")
    with pytest.raises(Invalid, match="7 to 90 days"):
        ask(session, days=400)


def test_unsaved_ones_are_forgotten_after_a_week(session: Session):
    settle(session)
    kept, dropped = ask(session), ask(session)
    scenarios.save(session, kept, "Keep me", by="Lea", now=NOON)

    assert scenarios.forget(session, NOON + timedelta(days=6)) == 0
    assert scenarios.forget(session, NOON + timedelta(days=8)) == 1
    session.expire_all()
    assert scenarios.get(session, kept.id).name == "Keep me"
    with pytest.raises(NotFound):
        scenarios.get(session, dropped.id)


def test_a_scenario_becomes_a_change_of_plans(session: Session):
    settle(session)
    make_workspace(session, user=make_user(session, plan=session.scalars(select(Plan)).one()))
    scenario = finished(
        session, policy=Policy(idle_minutes=10, volume_gb=10, region="ams"), query="user:user"
    )

    found = policy_changes.prepare(session, scenario)

    (change,) = found.plans
    assert [(one.label, one.before, one.after) for one in change.changes] == [
        ("Idle time-out, min", 30, 10)
    ]
    assert change.users == 3
    assert "The region is each user’s own" in found.left_out[0]
    tally = Tally.from_json(scenario.tally)
    assert change.month_nano == per_month(sum(tally.then.values()) - sum(tally.now.values()), DAYS)

    policy_changes.apply(session, scenario, found.mark, "too dear", by="Marta", now=NOON)

    assert session.scalars(select(Plan.idle_minutes)).one() == 10
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "plan.change")).one()
    assert (entry.subject, entry.reason, entry.actor) == ("pro", "too dear", "Marta")
    assert entry.details["after"] == {"idle_minutes": 10}


def test_a_plan_that_moved_meanwhile_must_be_seen_again(session: Session):
    settle(session)
    scenario = finished(session)
    mark = policy_changes.prepare(session, scenario).mark
    plan = session.scalars(select(Plan)).one()
    plan.idle_minutes = 45
    session.flush()

    with pytest.raises(Conflict, match="changed meanwhile"):
        policy_changes.apply(session, scenario, mark, "why", by="Marta", now=NOON)
    with pytest.raises(Invalid, match="A reason of 3 to 500"):
        policy_changes.apply(session, scenario, mark, "", by="Marta", now=NOON)
    assert plan.idle_minutes == 45


def test_an_unfinished_one_cannot_change_anything(session: Session):
    settle(session)

    with pytest.raises(Conflict, match="not finished"):
        policy_changes.prepare(session, ask(session))
