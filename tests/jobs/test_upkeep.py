"""Counters, stuck machines, midnight and the order of costs, with a clock we hold."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from jarvis_admin.db import Sessions
from jarvis_admin.jobs import upkeep
from jarvis_admin.models import FleetBurn, FleetCount, FleetDay, Interval, Workspace
from jarvis_admin.services import fleet, observations
from tests.factories import NOON, make_workspace
from tests.jobs.clockwork import Clock, make_context
from tests.services.fly_shapes import launch, machine

MIDNIGHT = NOON.replace(hour=0) + timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def alice(sessions: Sessions) -> int:
    with sessions.begin() as session:
        workspace = make_workspace(session, handle="alice", machine_id="m-alice")
        seen = machine(launch(NOON - timedelta(hours=6)))
        observations.record_machine(session, workspace.id, seen, rootfs_mb=2048, now=NOON)
        fleet.recount(session, NOON)
        return workspace.id


def fleet_total(sessions: Sessions, now) -> int:
    """What the cost pages show: closed days and the burn of today."""
    with sessions() as session:
        closed = session.scalar(select(func.coalesce(func.sum(FleetDay.amount_nano), 0)))
        burn = session.scalars(select(FleetBurn)).all()
    open_part = sum(
        row.accrued_nano + row.rate_pico * int((now - row.as_of).total_seconds()) // 1000
        for row in burn
    )
    return closed + open_part


def test_midnight_moves_the_open_part_into_yesterday_and_loses_nothing(
    sessions: Sessions, clock: Clock, alice: int
) -> None:
    context = make_context(sessions, clock)
    clock.at = MIDNIGHT + timedelta(seconds=20)
    before = fleet_total(sessions, clock.at)

    assert upkeep.cut_intervals(context) == 1
    assert upkeep.cut_intervals(context) == 0

    assert fleet_total(sessions, clock.at) == pytest.approx(before, abs=5)
    with sessions() as session:
        opened = session.scalars(select(Interval.started_at).where(Interval.ended_at.is_(None)))
        assert set(opened) == {MIDNIGHT}


@pytest.mark.parametrize(
    ("minutes", "problem"), [(4, ""), (6, "Stuck in starting for 6 min.")], ids=["yet", "long"]
)
def test_a_passing_state_that_does_not_pass_needs_a_person(
    sessions: Sessions, clock: Clock, minutes: int, problem: str
) -> None:
    with sessions.begin() as session:
        workspace_id = make_workspace(session, state="starting").id
    clock.forward(minutes=minutes)

    upkeep.mark_stuck(make_context(sessions, clock))

    with sessions() as session:
        assert session.get_one(Workspace, workspace_id).problem == problem


def test_counters_are_renewed_only_when_something_changed(
    sessions: Sessions, clock: Clock, alice: int
) -> None:
    counters = upkeep.Counters(make_context(sessions, clock))

    assert counters.renew()
    assert not counters.renew()

    with sessions.begin() as session:
        session.get_one(Workspace, alice).state = "suspended"
        fleet.bump(session)
    clock.forward(seconds=30)
    assert counters.renew()
    with sessions() as session:
        assert session.scalars(select(FleetCount.state)).all() == ["suspended"]


def test_stored_costs_are_brought_up_to_date_before_they_mislead_the_order(
    sessions: Sessions, clock: Clock, alice: int
) -> None:
    with sessions() as session:
        before = session.get_one(Workspace, alice).month_nano
    clock.forward(minutes=20)

    assert upkeep.renew_costs(make_context(sessions, clock)) == 1
    assert upkeep.renew_costs(make_context(sessions, clock)) == 0

    with sessions() as session:
        row = session.get_one(Workspace, alice)
        assert row.metered_at == clock.at
        assert row.month_nano > before
