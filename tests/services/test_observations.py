"""A machine as Fly shows it becomes transitions, intervals, money and the list row."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.metering import month_to_date
from jarvis_admin.models import (
    FleetDay,
    Interval,
    Transition,
    UsageDay,
    Volume,
    Workspace,
    WorkspaceMonth,
)
from jarvis_admin.services import observations, provisioning, volumes
from tests.factories import NOON, make_workspace
from tests.services.fly_shapes import event, launch, machine

HOUR = timedelta(hours=1)
ROOTFS_MB = 2048


@pytest.fixture
def alice(sessions: Sessions) -> int:
    with sessions.begin() as session:
        return make_workspace(
            session,
            handle="alice",
            machine_id="m-alice",
            state="provisioning",
            last_active_at=NOON - timedelta(days=50),
        ).id


def see(sessions: Sessions, workspace_id: int, events, now=NOON, **given) -> None:
    with sessions.begin() as session:
        observations.record_machine(
            session, workspace_id, machine(events, **given), rootfs_mb=ROOTFS_MB, now=now
        )


def intervals(session: Session, resource: str = "m-alice") -> list[Interval]:
    return list(
        session.scalars(
            select(Interval).where(Interval.resource_id == resource).order_by(Interval.started_at)
        )
    )


def test_events_become_transitions_once_however_often_they_are_read(sessions, alice) -> None:
    events = launch(NOON - HOUR)

    see(sessions, alice, events)
    see(sessions, alice, events)

    with sessions() as session:
        states = session.scalars(select(Transition.state).order_by(Transition.id)).all()
    assert states == ["creating", "created", "started"]


def test_the_list_row_follows_the_machine(sessions, alice) -> None:
    slept = NOON - timedelta(minutes=5)
    events = [*launch(NOON - HOUR), event(slept, "suspend", "suspended")]

    see(sessions, alice, events)

    with sessions() as session:
        row = session.get_one(Workspace, alice)
        assert (row.state, row.state_since) == ("suspended", slept)
        assert row.last_active_at == slept
        assert session.get_one(Volume, "vol_alice").workspace_id == alice


def test_a_state_that_fly_tells_twice_lasts_since_the_first_time(sessions, alice) -> None:
    woken = NOON - timedelta(minutes=30)
    again = event(NOON - timedelta(minutes=1), "start", "started")

    see(sessions, alice, [*launch(NOON - HOUR)[:2], event(woken, "start", "started"), again])

    with sessions() as session:
        assert session.get_one(Workspace, alice).state_since == woken


def test_states_are_billed_by_what_they_use(sessions, alice) -> None:
    start, sleep = NOON - 4 * HOUR, NOON - HOUR
    events = [*launch(start), event(sleep, "suspend", "suspended")]

    see(sessions, alice, events)

    with sessions() as session:
        created, started, suspended = intervals(session)
    assert (created.component, started.component) == ("rootfs", "compute")
    assert started.ended_at == sleep
    # shared-cpu-1x 512 MB in fra: 1.2325e-6 × 1.153846… dollars a second (platform reference, l).
    seconds = (sleep - started.started_at).total_seconds()
    assert started.amount_nano == pytest.approx(1232.5 * 1.153846153846 * seconds, rel=1e-6)
    assert (suspended.ended_at, suspended.amount_nano) == (None, None)


def test_an_interval_over_midnight_is_cut_there(sessions, alice) -> None:
    start = NOON - timedelta(hours=14)
    events = [*launch(start), event(NOON - HOUR, "suspend", "suspended")]

    see(sessions, alice, events)

    with sessions() as session:
        started = [row for row in intervals(session) if row.state == "started"]
        assert [row.started_at.date().day for row in started] == [22, 23]
        assert started[0].ended_at == started[1].started_at == NOON.replace(hour=0)


def test_rollups_equal_the_closed_intervals_to_the_nanodollar(sessions, alice) -> None:
    at, events = NOON - timedelta(days=9), launch(NOON - timedelta(days=9))
    rng = random.Random(4)
    while (at := at + rng.uniform(0.5, 20) * HOUR) < NOON:
        awake = len(events) % 2
        events.append(event(at, *(("suspend", "suspended") if awake else ("start", "started"))))

    see(sessions, alice, events)

    with sessions() as session:
        closed = select(func.sum(Interval.amount_nano)).where(Interval.ended_at.is_not(None))
        ledger = session.scalar(closed)
        assert ledger > 0
        for roll_up in (UsageDay, FleetDay, WorkspaceMonth):
            assert session.scalar(select(func.sum(roll_up.amount_nano))) == ledger


def test_a_late_event_is_worked_in_as_if_it_had_been_on_time(sessions, alice) -> None:
    events = [
        *launch(NOON - 8 * HOUR),
        event(NOON - 6 * HOUR, "suspend", "suspended"),
        event(NOON - 4 * HOUR, "start", "started"),
        event(NOON - 2 * HOUR, "suspend", "suspended"),
    ]
    without = [*events[:3], *events[4:]]  # the suspension of six hours ago comes late

    see(sessions, alice, without)
    see(sessions, alice, events)

    with sessions() as session:
        found = [
            (row.state, row.ended_at and row.ended_at - row.started_at)
            for row in intervals(session)
        ]
        ledger = session.scalar(select(func.sum(Interval.amount_nano)))
        assert session.scalar(select(func.sum(UsageDay.amount_nano))) == ledger
    assert [state for state, _ in found] == [
        "created",
        "started",
        "suspended",
        "started",
        "suspended",
    ]
    assert found[2][1] == 2 * HOUR


def test_a_state_without_its_event_is_marked_estimated_until_fly_tells(sessions, alice) -> None:
    events = launch(NOON - HOUR)
    told_late = event(NOON - timedelta(minutes=10), "suspend", "suspended")
    see(sessions, alice, events)

    see(sessions, alice, events, state="suspended", updated_at=NOON - timedelta(minutes=9))

    with sessions() as session:
        guess = session.scalars(select(Transition).order_by(Transition.id.desc())).first()
        assert (guess.state, guess.source, guess.estimated) == ("suspended", "seen", True)
        assert [row.estimated for row in intervals(session)] == [False, True, True]

    see(sessions, alice, [*events, told_late], updated_at=NOON - timedelta(minutes=9))

    with sessions() as session:
        assert (
            session.scalar(select(func.count()).select_from(Transition).where(Transition.estimated))
            == 0
        )
        assert not any(row.estimated for row in intervals(session))


def test_a_crash_that_fly_restarts_is_a_restart_and_says_why(sessions, alice) -> None:
    ended = {"restarting": True, "exit_code": 137, "guest_exit_code": 137, "oom_killed": True}
    events = [
        *launch(NOON - HOUR),
        event(NOON - timedelta(minutes=9), "exit", "stopped", exit_event=ended, restart_count=1),
        event(NOON - timedelta(minutes=8), "start", "started"),
    ]

    see(sessions, alice, events)

    with sessions() as session:
        crash = session.scalars(select(Transition).where(Transition.kind == "exit")).one()
        assert (crash.state, crash.detail) == ("restarting", "out of memory")


def test_the_month_so_far_is_what_the_intervals_add_up_to(sessions, alice) -> None:
    born = NOON - timedelta(days=40)  # most of it last month
    events = [*launch(born), event(born + HOUR, "suspend", "suspended")]
    see(sessions, alice, events, now=NOON - timedelta(days=1))

    with sessions() as session:
        row = session.get_one(Workspace, alice)
        stored = month_to_date(row.month_nano, row.rate_pico, row.metered_at, NOON)
        days = (NOON - NOON.replace(day=1, hour=0)).total_seconds() / 86_400
    # 2 GB of rootfs asleep and a volume of 1 GB, at 0.15 a GB-month each.
    assert stored == pytest.approx((2 + 1) * 0.15 * days / 30 * 1e9, rel=1e-5)


def test_an_older_answer_does_not_undo_a_newer_one(sessions, alice) -> None:
    events = launch(NOON - HOUR)
    see(sessions, alice, [*events, event(NOON - timedelta(minutes=5), "suspend", "suspended")])

    see(sessions, alice, events)

    with sessions() as session:
        assert session.get_one(Workspace, alice).state == "suspended"


def test_a_late_answer_does_not_bring_a_destroyed_workspace_to_life(sessions, alice) -> None:
    events = launch(NOON - HOUR)
    see(sessions, alice, events)
    with sessions.begin() as session:
        provisioning.destroyed(session, alice, NOON)

    see(sessions, alice, events, now=NOON + HOUR, updated_at=NOON + HOUR)

    with sessions() as session:
        row = session.get_one(Workspace, alice)
        assert (row.state, row.rate_pico) == ("destroyed", 0)
        assert all(one.ended_at is not None for one in intervals(session))


def test_a_migrated_volume_is_billed_once(sessions, alice) -> None:
    events = launch(NOON - 3 * HOUR)
    see(sessions, alice, events, now=NOON - 2 * HOUR)
    moved = {"image": "x", "guest": {}, "mounts": [{"volume": "vol_new", "path": "/workspace"}]}
    events.append(event(NOON - HOUR, "start", "started"))

    see(sessions, alice, events, now=NOON - HOUR, config=moved)

    with sessions.begin() as session:
        _, parked = intervals(session, "vol_alice")
        assert parked.owner == "parked"  # until the sweep finds out that it is gone
        volumes.end_gone(session, "vol_alice", NOON)
        (old,), (new,) = intervals(session, "vol_alice"), intervals(session, "vol_new")
    assert old.ended_at == new.started_at == NOON - HOUR
    assert new.ended_at is None


def test_a_machine_that_is_gone_ends_its_bill_and_says_so(sessions, alice) -> None:
    see(sessions, alice, launch(NOON - HOUR))

    with sessions.begin() as session:
        row = session.get_one(observations.Machine, "m-alice")
        observations.record_gone(session, row, NOON)

    with sessions() as session:
        workspace = session.get_one(Workspace, alice)
        assert workspace.state == "destroyed"
        assert "not by us" in workspace.problem
        assert all(row.ended_at is not None for row in intervals(session))
