"""Restored and forked volumes are the same to the last bit, and nobody else's."""

import subprocess
from dataclasses import replace

import pytest

from localfly.settings import FAST
from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet, eventually, snapshot_of, states_until
from tests.localfly.hashwalk import odd_tree, walk


@pytest.fixture
def source(server, fleet, http):
    """An app, a volume full of oddities, and its folder."""
    app = fleet.app()
    volume = fleet.volume(app)
    folder = server.state / "volumes" / volume["id"]
    odd_tree(folder)
    return app, volume, folder


def _copy(fleet, app, volume, kind, **fields):
    if kind == "fork":
        return fleet.volume(app, source_volume_id=volume["id"], **fields)
    snapshot = snapshot_of(fleet.http, app, volume["id"])
    return fleet.volume(app, snapshot_id=snapshot["id"], **fields)


def _filled(fleet, app, copy):
    path = f"/v1/apps/{app}/volumes/{copy['id']}"
    eventually(lambda: fleet.http.get(path).json()["state"] == "created")


@pytest.mark.parametrize("kind", ["snapshot", "fork"])
@pytest.mark.parametrize("region", ["iad", "nrt"])
def test_a_copy_is_identical_in_every_bit_mode_and_time(server, fleet, source, kind, region):
    app, volume, folder = source
    before = walk(folder)

    copy = _copy(fleet, app, volume, kind, region=region)

    _filled(fleet, app, copy)
    assert copy["region"] == region
    assert len(before) > 70
    assert walk(server.state / "volumes" / copy["id"]) == before
    assert walk(folder) == before


@pytest.mark.parametrize("kind", ["snapshot", "fork"])
def test_holes_stay_holes_and_twins_stay_twins(server, fleet, source, kind):
    app, volume, _ = source

    copy = _copy(fleet, app, volume, kind)

    _filled(fleet, app, copy)
    folder = server.state / "volumes" / copy["id"]
    assert (folder / "sparse").stat().st_blocks * 512 < 1024**2
    assert (folder / "sparse").stat().st_size == 128 * 1024**2
    assert (folder / "plain.txt").samefile(folder / "twin.txt")


@pytest.mark.parametrize("kind", ["snapshot", "fork"])
def test_source_and_copy_go_their_own_ways(server, fleet, source, kind):
    app, volume, folder = source
    before = walk(folder)
    copy = _copy(fleet, app, volume, kind)
    _filled(fleet, app, copy)
    theirs = server.state / "volumes" / copy["id"]

    subprocess.run(["rm", "-rf", folder / "deep", folder / "sparse"], check=True)
    (folder / "plain.txt").write_text("wrecked")
    assert walk(theirs) == before

    wrecked = walk(folder)
    (theirs / "plain.txt").write_text("other")
    assert walk(folder) == wrecked


def test_the_guest_reads_the_same_bytes(fleet, http):
    machine, volume = fleet.with_volume()
    machine.run("sh", "-c", "head -c 3000000 /dev/urandom > /workspace/noise")
    copy = _copy(fleet, machine.app, volume, "snapshot")

    reader = fleet.started(machine.app, {"mounts": [{"volume": copy["id"], "path": "/copy"}]})

    there = machine.run("sha256sum", "/workspace/noise")["stdout"].split()[0]
    assert reader.run("sha256sum", "/copy/noise")["stdout"].split()[0] == there


def test_the_states_of_a_restore_and_of_a_fork(tmp_path):
    timings = replace(FAST, restore=1.0)
    with local_fly(tmp_path, timings=timings) as server, client_of(server) as http:
        fleet = Fleet(http, server.org)
        app = fleet.app()
        volume = fleet.volume(app)
        index = f"/v1/apps/{app}/volumes"

        restored = _copy(fleet, app, volume, "snapshot")
        seen = states_until(http, f"{index}/{restored['id']}", "created")
        fork = _copy(fleet, app, volume, "fork")
        seen_of_fork = states_until(http, f"{index}/{fork['id']}", "created")

    assert seen == ["creating", "restoring", "created"]
    assert seen_of_fork == ["creating", "enabling_remote_export", "hydrating", "created"]


def test_a_hydrating_fork_can_be_mounted(tmp_path):
    timings = replace(FAST, restore=3.0)
    with local_fly(tmp_path, timings=timings) as server, client_of(server) as http:
        fleet = Fleet(http, server.org)
        machine, volume = fleet.with_volume()
        machine.run("sh", "-c", "echo early > /workspace/file")
        fork = _copy(fleet, machine.app, volume, "fork")
        path = f"/v1/apps/{machine.app}/volumes/{fork['id']}"

        mounts = [{"volume": fork["id"], "path": "/fork"}]
        reader = fleet.started(machine.app, {"mounts": mounts})

        assert http.get(path).json()["state"] == "hydrating"
        assert reader.run("cat", "/fork/file")["stdout"] == "early\n"


@pytest.mark.parametrize("kind", ["snapshot", "fork"])
def test_a_copy_may_be_larger_but_not_smaller(fleet, http, kind):
    app = fleet.app()
    volume = fleet.volume(app, size_gb=4)

    assert _copy(fleet, app, volume, kind, size_gb=9)["size_gb"] == 9
    assert _copy(fleet, app, volume, kind, size_gb=None)["size_gb"] == 4
    wish = {"name": "home", "size_gb": 3, "source_volume_id": volume["id"]}
    if kind == "snapshot":
        snapshot = snapshot_of(http, app, volume["id"])
        wish = {"name": "home", "size_gb": 3, "snapshot_id": snapshot["id"]}
    refusal = http.post(f"/v1/apps/{app}/volumes", json=wish)

    assert refusal.status_code == 400
    assert "at least the size of its source, 4 GB" in refusal.json()["error"]


def test_an_unfinished_source_and_two_sources_are_refused(tmp_path):
    timings = replace(FAST, restore=30, snapshot_run=30)
    with local_fly(tmp_path, timings=timings) as server, client_of(server) as http:
        fleet = Fleet(http, server.org)
        app = fleet.app()
        volume = fleet.volume(app)["id"]
        http.post(f"/v1/apps/{app}/volumes/{volume}/snapshots")
        (snapshot,) = http.get(f"/v1/apps/{app}/volumes/{volume}/snapshots").json()
        fork = fleet.volume(app, source_volume_id=volume)["id"]

        def refusal(**source):
            return http.post(f"/v1/apps/{app}/volumes", json={"name": "home", **source})

        assert refusal(snapshot_id=snapshot["id"]).status_code == 412
        assert refusal(source_volume_id=fork).status_code == 412
        both = refusal(snapshot_id=snapshot["id"], source_volume_id=volume)
        assert both.status_code == 400
        early = http.post(f"/v1/apps/{app}/volumes/{fork}/snapshots")
        assert early.status_code == 412
        assert "volume is not ready" in early.json()["error"]


def test_a_copy_deleted_while_it_is_filled_stays_deleted(tmp_path):
    timings = replace(FAST, restore=0.6)
    with local_fly(tmp_path, timings=timings) as server, client_of(server) as http:
        fleet = Fleet(http, server.org)
        app = fleet.app()
        fork = fleet.volume(app, source_volume_id=fleet.volume(app)["id"])
        path = f"/v1/apps/{app}/volumes/{fork['id']}"

        assert http.delete(path).json()["state"] == "destroyed"

        assert states_until(http, path, "pending_destroy") == ["pending_destroy"]
        eventually(lambda: not server._cloud._tasks or len(server._cloud._tasks) <= 2)
        assert http.get(path).json()["state"] == "pending_destroy"


def test_hints_for_the_machine_to_come_are_accepted(fleet):
    compute = {"cpu_kind": "shared", "cpus": 2, "memory_mb": 2048}

    volume = fleet.volume(fleet.app(), compute=compute, compute_image="workspace:1")

    assert volume["state"] == "created"


@pytest.mark.parametrize("kind", ["snapshot", "fork"])
def test_an_interrupted_copy_is_made_again_from_the_start(tmp_path, kind):
    with (
        local_fly(tmp_path, timings=replace(FAST, restore=30)) as server,
        client_of(server) as http,
    ):
        fleet = Fleet(http, server.org)
        app = fleet.app()
        volume = fleet.volume(app)
        odd_tree(server.state / "volumes" / volume["id"])
        before = walk(server.state / "volumes" / volume["id"])
        copy = _copy(fleet, app, volume, kind)
    half = server.state / "volumes" / copy["id"]
    half.mkdir(exist_ok=True)
    (half / "half.txt").write_text("left by the first attempt")
    (half.parent / f"{copy['id']}.1234.part").mkdir()

    with local_fly(tmp_path) as server, client_of(server) as http:
        _filled(Fleet(http, server.org), app, copy)

    assert walk(half) == before
    assert not list(half.parent.glob("*.part"))
