"""A volume whose host is down: still listed, its snapshots still good."""

import time

import pytest

from tests.localfly.fleet import eventually, snapshot_of


@pytest.fixture
def lost(fleet, faults, http):
    """A started machine, its volume and a snapshot of it; then the volume's host goes down."""
    machine, volume = fleet.with_volume()
    machine.run("sh", "-c", "echo kept > /workspace/file")
    snapshot = snapshot_of(http, machine.app, volume["id"])
    http.put("/_local/faults", json={"unreachable_volumes": [volume["id"]]})
    return machine, volume, snapshot


def _path(machine, volume):
    return f"/v1/apps/{machine.app}/volumes/{volume['id']}"


def test_the_volume_and_its_machine_are_shown_as_unreachable(lost, http, fleet):
    machine, volume, _ = lost

    shown = machine.show()
    assert (shown["host_status"], shown["config"]) == ("unreachable", None)
    assert http.get(_path(machine, volume)).json()["host_status"] == "unreachable"
    rows = http.get(f"/v1/orgs/{fleet.org}/volumes").json()["volumes"]
    assert {row["host_status"] for row in rows if row["id"] == volume["id"]} == {"unreachable"}


def test_nothing_can_be_done_to_it(lost, http, fleet):
    machine, volume, _ = lost
    path = _path(machine, volume)
    fork = {"name": "home", "source_volume_id": volume["id"]}

    refusals = [
        http.post(f"{path}/snapshots"),
        http.post(f"/v1/apps/{machine.app}/volumes", json=fork),
        http.put(path, json={"snapshot_retention": 9}),
        http.put(f"{path}/extend", json={"size_gb": 9}),
        http.delete(path),
        machine.post("stop"),
        machine.post("exec", {"command": ["true"]}),
    ]

    assert {refusal.status_code for refusal in refusals} == {503}
    assert {refusal.json()["error"] for refusal in refusals} == {"host unreachable"}


def test_an_earlier_snapshot_is_restored_elsewhere(lost, http, fleet):
    machine, volume, snapshot = lost

    listed = http.get(f"{_path(machine, volume)}/snapshots").json()
    copy = fleet.volume(machine.app, snapshot_id=snapshot["id"], region="fra")
    heir = fleet.started(machine.app, {"mounts": [{"volume": copy["id"], "path": "/home2"}]})

    assert [row["id"] for row in listed] == [snapshot["id"]]
    assert heir.run("cat", "/home2/file")["stdout"] == "kept\n"


def test_when_the_host_is_back_everything_is_as_it_was(lost, http, faults):
    machine, volume, _ = lost
    faults.set_faults()

    assert http.get(_path(machine, volume)).json()["host_status"] == "ok"
    assert machine.show()["config"]["mounts"][0]["volume"] == volume["id"]
    assert machine.run("cat", "/workspace/file")["stdout"] == "kept\n"
    snapshot_of(http, machine.app, volume["id"])


def test_an_order_may_hang_until_its_deadline(lost, http):
    machine, volume, _ = lost
    switches = {"unreachable_volumes": [volume["id"]], "unreachable_patience": 0.3}
    http.put("/_local/faults", json=switches)
    began = time.monotonic()

    refusal = machine.post("start")

    assert time.monotonic() - began >= 0.3
    assert refusal.status_code == 408
    assert refusal.json()["error"].startswith("deadline_exceeded:")


def test_the_machine_s_host_is_the_volume_s(fleet, faults, http):
    machine, volume = fleet.with_volume()
    faults.set_faults(unreachable_machines=[machine.id])

    assert http.get(_path(machine, volume)).json()["host_status"] == "unreachable"
    assert http.post(f"{_path(machine, volume)}/snapshots").status_code == 503


def test_a_host_is_lost_with_all_that_lie_on_it(fleet, faults, http):
    machine, volume = fleet.with_volume()
    faults.set_faults(unreachable_zones=[volume["zone"]])

    assert machine.show()["host_status"] == "unreachable"
    assert http.get(_path(machine, volume)).json()["host_status"] == "unreachable"
    assert fleet.volume(machine.app)["zone"] != volume["zone"]


def test_a_whole_region_may_be_lost(fleet, faults, http):
    app = fleet.app()
    machine = fleet.machine(app, region="gru", skip_launch=True)
    volume = fleet.volume(app, region="gru")
    faults.set_faults(unreachable_regions=["gru"])
    wish = {"name": "home", "region": "gru"}

    assert machine.show()["host_status"] == "unreachable"
    assert http.get(_path(machine, volume)).json()["host_status"] == "unreachable"
    assert http.post(f"/v1/apps/{app}/volumes", json=wish).status_code == 422
    assert fleet.create(app, {}, region="gru").status_code == 422
    assert fleet.create(app, {}, region="gru,iad").json()["region"] == "iad"


def test_a_snapshot_caught_by_it_goes_on_when_the_host_is_back(fleet, faults, http):
    machine, volume = fleet.with_volume()
    path = f"{_path(machine, volume)}/snapshots"
    http.post(path)
    faults.set_faults(unreachable_volumes=[volume["id"]])
    time.sleep(0.3)
    assert http.get(path).json()[0]["status"] == "waiting"

    faults.set_faults()

    eventually(lambda: http.get(path).json()[0]["status"] == "created")


def test_no_machine_is_made_on_its_volume(fleet, faults, http):
    app = fleet.app()
    volume = fleet.volume(app)
    faults.set_faults(unreachable_volumes=[volume["id"]])

    refusal = fleet.create(app, {"mounts": [{"volume": volume["id"], "path": "/data"}]})

    assert refusal.status_code == 503


def test_one_switch_is_turned_without_the_others(faults, http):
    http.put("/_local/faults", json={"full_regions": ["gru"], "latency_ms": 1})

    changed = http.patch("/_local/faults", json={"unreachable_regions": ["fra"]}).json()

    assert changed["full_regions"] == ["gru"]
    assert (changed["unreachable_regions"], changed["latency_ms"]) == (["fra"], 1)
    assert http.patch("/_local/faults", json={"nonsense": 1}).status_code == 400
