"""Counters and burn rates, kept so that no page counts."""

from datetime import timedelta

from sqlalchemy import select

from jarvis_admin.models import FleetBurn, FleetCount
from jarvis_admin.services import fleet, observations
from tests.factories import NOON, make_workspace
from tests.services.fly_shapes import launch, machine


def test_workspaces_are_counted_by_region_and_state(sessions) -> None:
    with sessions.begin() as session:
        make_workspace(session, region="fra")
        make_workspace(session, region="fra", problem="Stuck in starting for 9 min.")
        make_workspace(session, region="iad", state="suspended")
        make_workspace(session, region="iad", state="destroyed", destroyed_at=NOON)

        fleet.recount(session, NOON)

        assert fleet.counts_by_state(session) == {"started": 2, "suspended": 1, "stuck": 1}
        rows = session.execute(select(FleetCount.region, FleetCount.state, FleetCount.count))
        assert ("fra", "started", 2) in [tuple(row) for row in rows]


def test_open_intervals_are_summed_since_midnight(sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session, handle="alice", machine_id="m-alice")
        seen = machine(launch(NOON - timedelta(hours=2)))
        observations.record_machine(session, workspace.id, seen, rootfs_mb=2048, now=NOON)

        fleet.recount(session, NOON)

        burn = {row.component: row for row in session.scalars(select(FleetBurn))}
    assert set(burn) == {"compute", "volume"}
    hours = burn["compute"].accrued_nano / (burn["compute"].rate_pico / 1000) / 3600
    assert round(hours, 2) == 2.0


def test_preparing_twice_changes_nothing(sessions) -> None:
    with sessions.begin() as session:
        fleet.bump(session)
        fleet.prepare(session)

        assert session.get_one(fleet.Fleet, fleet.FLEET_ID).revision == 1
