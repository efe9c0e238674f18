"""The ledger's invariants, and the cut at midnight."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from jarvis_admin.db import Sessions
from jarvis_admin.models import Interval, UsageDay, Volume
from jarvis_admin.services import keeping, metering, observations, prices
from tests.factories import NOON, make_workspace
from tests.services.fly_shapes import launch, machine


def test_the_database_refuses_a_second_open_interval(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)
        open_one = {
            "workspace_id": workspace.id,
            "resource_id": "m-1",
            "component": "compute",
            "state": "started",
            "size": "shared-cpu-1x:512MB",
            "region": "fra",
            "started_at": NOON,
            "rate_pico": 1,
            "price_version": "x",
        }
        session.add(Interval(**open_one))
        session.flush()

        session.add(Interval(**open_one))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_open_intervals_are_cut_at_midnight_and_go_on(sessions: Sessions) -> None:
    midnight = NOON.replace(hour=0)
    with sessions.begin() as session:
        workspace = make_workspace(session, handle="alice", machine_id="m-alice")
        seen = machine(launch(midnight - timedelta(hours=5)))
        observations.record_machine(session, workspace.id, seen, rootfs_mb=2048, now=NOON)
        books = prices.load(session)

        assert metering.cut_open(session, midnight, books) == {workspace.id}
        assert metering.cut_open(session, midnight, books) == set()

        opened = session.scalars(select(Interval).where(Interval.ended_at.is_(None))).all()
        assert {row.started_at for row in opened} == {midnight}
        closed = session.scalar(select(func.sum(Interval.amount_nano)))
        assert session.scalar(select(func.sum(UsageDay.amount_nano))) == closed


def test_a_volume_is_billed_from_its_creation_to_its_deletion(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)
        volume = Volume(
            id="vol_1",
            workspace_id=workspace.id,
            region="fra",
            size_gb=10,
            state="created",
            created_at=NOON - timedelta(days=3),
        )
        session.add(volume)
        session.flush()
        books = prices.load(session)
        keeping.keep_volume(session, volume, NOON, books)
        keeping.keep_volume(session, volume, NOON, books)

        keeping.end(session, volume.id, NOON, books)

        rows = session.scalars(select(Interval).order_by(Interval.started_at)).all()
    assert sum(row.amount_nano for row in rows) == pytest.approx(10 * 0.15 * 3 / 30 * 1e9, rel=1e-6)
    assert len({row.started_at.date() for row in rows}) == len(rows) == 4
