"""Volumes made from snapshots and from other volumes, over the days and on lost hosts."""

import time
from datetime import timedelta

import pytest

from jarvis_admin.fly.errors import (
    Deadline,
    FlyNotFound,
    NoCapacity,
    QuotaReached,
    Refused,
    Unreachable,
    WrongState,
)
from jarvis_admin.fly.local import LocalExtras
from jarvis_admin.fly.types import Snapshot, Volume
from tests.fly.conftest import config

NAME = {"name": "home", "region": "iad"}


def reached(live, app, volume_id, state):
    end = time.monotonic() + 10
    while (found := live.volumes.get(app, volume_id)).state != state:
        assert time.monotonic() < end, found
        time.sleep(0.02)
    return found


def snapshot_of(live, app, volume):
    live.snapshots.create(app, volume.id)
    end = time.monotonic() + 10
    while not (found := live.snapshots.list(app, volume.id)[-1]).finished:
        assert time.monotonic() < end, found
        time.sleep(0.02)
    return found


@pytest.fixture
def extras(live):
    extras = LocalExtras(live)
    yield extras
    extras.set_clock_ahead(timedelta())


def test_a_copy_is_not_mountable_at_once(live, app, volume):
    snapshot = snapshot_of(live, app, volume)

    restored = live.volumes.create(app, **NAME, size_gb=10, snapshot_id=snapshot.id)
    fork = live.volumes.create(app, **NAME, size_gb=12, source_volume_id=volume.id)

    assert not restored.mountable
    assert reached(live, app, restored.id, "created").mountable
    assert reached(live, app, fork.id, "created").size_gb == 12
    assert len({volume.zone, restored.zone, fork.zone}) == 3


def test_a_copy_that_is_too_small_is_refused_in_words(live, app, volume):
    with pytest.raises(Refused) as refusal:
        live.volumes.create(app, **NAME, size_gb=9, source_volume_id=volume.id)

    assert "at least the size of its source, 10 GB" in str(refusal.value)


def test_daily_snapshots_come_and_go(live, app, volume, extras):
    live.volumes.update(app, volume.id, snapshot_retention=2)
    found: list[tuple[Snapshot, ...]] = []
    for day in range(1, 5):
        extras.set_clock_ahead(timedelta(days=day, minutes=1))
        extras.sweep()
        found.append(live.snapshots.list(app, volume.id))

    assert [len(rows) for rows in found] == [1, 2, 2, 2]
    newest = found[-1][-1]
    assert newest.ends_at - newest.created_at == timedelta(days=2)


def test_a_snapshot_outlives_its_volume(live, app, volume, extras):
    snapshot = snapshot_of(live, app, volume)
    live.volumes.delete(app, volume.id)
    extras.set_clock_ahead(timedelta(days=2))

    assert extras.sweep().forgotten >= 1

    with pytest.raises(FlyNotFound):
        live.volumes.get(app, volume.id)
    assert [row.id for row in live.snapshots.list(app, volume.id)] == [snapshot.id]
    restored = live.volumes.create(app, **NAME, size_gb=10, snapshot_id=snapshot.id)
    assert reached(live, app, restored.id, "created")


def test_a_lost_host_keeps_its_volume_but_not_its_snapshots(live, app, volume, extras):
    snapshot = snapshot_of(live, app, volume)
    extras.set_faults(unreachable_volumes=[volume.id])

    assert not live.volumes.get(app, volume.id).reachable
    with pytest.raises(Unreachable):
        live.snapshots.create(app, volume.id)
    with pytest.raises(Unreachable):
        live.volumes.create(app, **NAME, size_gb=10, source_volume_id=volume.id)
    elsewhere = live.volumes.create(
        app, name="home", region="fra", size_gb=10, snapshot_id=snapshot.id
    )
    assert reached(live, app, elsewhere.id, "created").reachable

    extras.set_faults()
    assert live.volumes.get(app, volume.id).reachable


def test_a_lost_host_may_let_us_wait(live, app, machine, extras):
    extras.set_faults(unreachable_machines=[machine.id])
    extras.change_faults(unreachable_patience=0.1)

    with pytest.raises(Deadline) as deadline:
        live.machines.stop(app, machine.id)

    assert deadline.value.ambiguous
    assert not live.machines.get(app, machine.id).reachable


def test_no_room_is_told_apart(live, app, volume, extras):
    mounted = config(mounts=[{"volume": volume.id, "path": "/data"}])

    extras.set_faults(full_volumes=[volume.id])
    with pytest.raises(NoCapacity) as host:
        live.machines.create(app, name="devbox", config=mounted)
    with pytest.raises(NoCapacity) as growth:
        live.volumes.extend(app, volume.id, 20)
    extras.set_faults(full_volume_regions=["iad"])
    with pytest.raises(NoCapacity) as region:
        live.volumes.create(app, **NAME, size_gb=1)
    extras.set_faults(volume_limit=1)
    with pytest.raises(QuotaReached) as quota:
        live.volumes.create(app, **NAME, size_gb=1)

    assert [found.value.scope for found in (host, growth, region)] == ["host", "host", "region"]
    assert str(quota.value).startswith("Our organisation has reached its volume limit at Fly.")


def test_a_volume_in_use_takes_no_second_machine(live, app, volume):
    mounted = config(mounts=[{"volume": volume.id, "path": "/data"}])
    live.machines.create(app, name="devbox", config=mounted)

    with pytest.raises(WrongState) as refusal:
        live.machines.create(app, name="second", config=mounted)

    assert "already claimed by machine" in str(refusal.value)


@pytest.mark.parametrize(
    ("state", "mountable"),
    [
        ("created", True),
        ("hydrating", True),
        ("restoring", False),
        ("enabling_remote_export", False),
    ],
)
def test_what_can_be_mounted(volume, state, mountable):
    row = {**NAME, "id": "vol_1", "size_gb": 1, "created_at": volume.created_at}

    assert Volume(**row, state=state).mountable is mountable
