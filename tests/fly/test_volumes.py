import time
from datetime import timedelta

import pytest

from jarvis_admin.fly.errors import FlyNotFound, NoCapacity, WrongState
from jarvis_admin.fly.local import LocalExtras
from jarvis_admin.fly.types import Guest
from tests.fly.conftest import config
from tests.fly.replay import Answer

VOLUME = {
    "id": "vol_r77k0dw9xq2z8g14",
    "name": "home",
    "state": "created",
    "size_gb": 10,
    "region": "iad",
    "zone": "b6a7",
    "attached_machine_id": None,
    "created_at": "2026-11-20T09:13:58.774Z",
}


def test_a_volume_is_made_listed_and_shown(live, app, volume):
    assert (volume.name, volume.region, volume.size_gb) == ("home", "iad", 10)
    assert [found.id for found in live.volumes.list(app)] == [volume.id]
    assert live.volumes.get(app, volume.id).attached_machine_id is None


def test_a_volume_grows(live, app, volume):
    extended = live.volumes.extend(app, volume.id, 20)

    assert extended.volume.size_gb == 20
    assert not extended.needs_restart


def test_backups_of_a_volume_are_changed(live, app, volume):
    changed = live.volumes.update(app, volume.id, snapshot_retention=10, auto_backup_enabled=False)

    assert (changed.snapshot_retention, changed.auto_backup_enabled) == (10, False)


def test_a_deleted_volume_is_listed_a_while_as_gone(live, app, volume):
    live.volumes.delete(app, volume.id)

    assert all(found.gone for found in live.volumes.list(app))


def test_an_attached_volume_is_not_deleted(live, app, volume):
    mounts = [{"volume": volume.id, "path": "/data"}]
    live.machines.create(app, name="devbox", config=config(mounts=mounts))

    with pytest.raises(WrongState):
        live.volumes.delete(app, volume.id)


def test_a_host_without_room_is_told_from_a_region_without(live, app, volume):
    LocalExtras(live).set_faults(full_regions=["iad"])
    mounted = config(mounts=[{"volume": volume.id, "path": "/data"}])

    with pytest.raises(NoCapacity) as machine:
        live.machines.create(app, name="devbox", region="iad", config=mounted)
    with pytest.raises(NoCapacity) as disk:
        live.volumes.create(app, name="home", region="iad", size_gb=1)

    assert machine.value.scope == "host"
    assert (disk.value.scope, disk.value.place) == ("region", "iad")


def test_a_volume_comes_from_a_snapshot_or_another_volume(live, app, volume):
    live.snapshots.create(app, volume.id)
    snapshot = finished_snapshot(live, app, volume.id)

    restored = live.volumes.create(
        app, name="home", region="iad", size_gb=10, snapshot_id=snapshot.id
    )
    fork = live.volumes.create(
        app, name="home", region="fra", size_gb=10, source_volume_id=volume.id
    )

    assert {restored.id, fork.id}.isdisjoint({volume.id})
    assert snapshot.volume_size == 10 * 1024**3


def test_a_second_snapshot_has_to_wait(live, app, volume):
    live.snapshots.create(app, volume.id)

    with pytest.raises(WrongState):
        live.snapshots.create(app, volume.id)


def test_an_unknown_volume_says_so(live, app):
    with pytest.raises(FlyNotFound):
        live.volumes.get(app, "vol_none")


def test_everything_that_was_given_is_sent_and_nothing_else(fly, replay):
    replay.plays(Answer(200, VOLUME))

    fly.volumes.create(
        "a",
        name="home",
        region="iad",
        size_gb=10,
        compute=Guest("shared", 2, 2048),
        compute_image="img",
        snapshot_retention=5,
        auto_backup_enabled=False,
        require_unique_zone=False,
    )

    assert replay.asked[0].body == {
        "name": "home",
        "region": "iad",
        "size_gb": 10,
        "compute": {"cpu_kind": "shared", "cpus": 2, "memory_mb": 2048},
        "compute_image": "img",
        "snapshot_retention": 5,
        "auto_backup_enabled": False,
        "require_unique_zone": False,
    }


def test_the_answer_to_a_snapshot_is_not_relied_on(fly, replay):
    replay.plays(Answer(200, {"Msg": {"backup": {"Id": "vs_1"}}}))

    fly.snapshots.create("a", "vol_1")

    assert replay.asked[0].path == "/v1/apps/a/volumes/vol_1/snapshots"


def finished_snapshot(live, app, volume_id):
    end = time.monotonic() + timedelta(seconds=5).total_seconds()
    while time.monotonic() < end:
        for snapshot in live.snapshots.list(app, volume_id):
            if snapshot.status == "created":
                return snapshot
        time.sleep(0.02)
    raise AssertionError("no snapshot in time")
