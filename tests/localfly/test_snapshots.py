"""Snapshots are real copies, written in the background."""

from tests.localfly.fleet import eventually


def _snapshots(machine, volume):
    path = f"/v1/apps/{machine.app}/volumes/{volume['id']}/snapshots"
    return machine.http.get(path).json()


def _take(machine, volume):
    return machine.http.post(f"/v1/apps/{machine.app}/volumes/{volume['id']}/snapshots")


def _taken(machine, volume):
    assert _take(machine, volume).status_code == 200
    eventually(lambda: _snapshots(machine, volume)[-1]["status"] == "created")
    return _snapshots(machine, volume)[-1]


def test_a_snapshot_waits_runs_and_is_created(fleet):
    machine, volume = fleet.with_volume()

    seen = [_take(machine, volume) and _snapshots(machine, volume)[0]["status"]]
    while seen[-1] != "created":
        status = _snapshots(machine, volume)[0]["status"]
        seen += [status] if status != seen[-1] else []

    assert seen == ["waiting", "running", "created"]
    (snapshot,) = _snapshots(machine, volume)
    assert snapshot["id"].startswith("vs_")
    assert snapshot["volume_size"] == 1024**3
    assert snapshot["retention_days"] == 5


def test_a_second_one_at_the_same_time_is_refused(fleet):
    machine, volume = fleet.with_volume()
    _take(machine, volume)

    refusal = _take(machine, volume)

    assert refusal.status_code == 412
    assert refusal.json()["error"].startswith(
        "failed_precondition: snapshot is already scheduled at "
    )


def test_only_what_changed_is_stored(fleet):
    machine, volume = fleet.with_volume()
    machine.guest()
    machine.run("sh", "-c", "head -c 50000 /dev/zero > /workspace/big")
    first = _taken(machine, volume)
    machine.run("sh", "-c", "head -c 700 /dev/zero > /workspace/small")

    second = _taken(machine, volume)

    assert first["size"] > 50000
    assert second["size"] == 700


def test_pipes_and_links_are_kept_as_what_they_are(fleet):
    machine, volume = fleet.with_volume()
    machine.run("sh", "-c", "mkfifo /workspace/pipe; ln -s absent /workspace/dangling")

    copy = fleet.volume(machine.app, snapshot_id=_taken(machine, volume)["id"])
    reader = fleet.started(machine.app, {"mounts": [{"volume": copy["id"], "path": "/copy"}]})

    assert reader.run("test", "-p", "/copy/pipe")["exit_code"] == 0
    assert reader.run("readlink", "/copy/dangling")["stdout"] == "absent\n"


def test_a_restored_volume_holds_what_was_there_then(fleet):
    machine, volume = fleet.with_volume()
    machine.run("sh", "-c", "echo then > /workspace/file")
    snapshot = _taken(machine, volume)
    machine.run("sh", "-c", "echo now > /workspace/file")

    copy = fleet.volume(machine.app, snapshot_id=snapshot["id"], region="fra")
    reader = fleet.started(machine.app, {"mounts": [{"volume": copy["id"], "path": "/restored"}]})

    assert copy["state"] == "creating"
    assert reader.run("cat", "/restored/file")["stdout"] == "then\n"
    assert machine.run("cat", "/workspace/file")["stdout"] == "now\n"


def test_a_restored_volume_cannot_be_smaller(fleet, http):
    machine, volume = fleet.with_volume()
    http.put(f"/v1/apps/{machine.app}/volumes/{volume['id']}/extend", json={"size_gb": 4})
    snapshot = _taken(machine, volume)

    wish = {"name": "home", "snapshot_id": snapshot["id"], "size_gb": 3}
    refusal = http.post(f"/v1/apps/{machine.app}/volumes", json=wish)

    assert refusal.status_code == 400


def test_a_fork_is_an_independent_copy(fleet, http):
    machine, volume = fleet.with_volume()
    machine.run("sh", "-c", "echo shared > /workspace/file")

    fork = fleet.volume(machine.app, source_volume_id=volume["id"])
    path = f"/v1/apps/{machine.app}/volumes/{fork['id']}"
    eventually(lambda: http.get(path).json()["state"] == "created")
    machine.run("sh", "-c", "echo changed > /workspace/file")
    reader = fleet.started(machine.app, {"mounts": [{"volume": fork["id"], "path": "/fork"}]})

    assert reader.run("cat", "/fork/file")["stdout"] == "shared\n"
