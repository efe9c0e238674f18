"""Which host a volume lies on, and what is said when there is no room."""

import pytest

from tests.localfly.fleet import snapshot_of


def _wish(http, app, **fields):
    wish = {"name": "home", "region": "iad", "size_gb": 1, **fields}
    return http.post(f"/v1/apps/{app}/volumes", json=wish)


def test_volumes_of_one_name_lie_on_hosts_of_their_own(fleet, http, faults):
    app = fleet.app()
    faults.set_faults(hosts_per_region=2)

    zones = {fleet.volume(app)["zone"] for _ in range(2)}
    third = _wish(http, app)

    assert len(zones) == 2
    assert third.status_code == 422
    assert third.json()["status"] == "insufficient_capacity"
    assert _wish(http, app, region="fra").status_code == 200


def test_another_name_or_a_shared_host_will_do(fleet, http, faults):
    app = fleet.app()
    faults.set_faults(hosts_per_region=1)
    first = fleet.volume(app)

    assert _wish(http, app, require_unique_zone=False).json()["zone"] == first["zone"]
    assert _wish(http, app, name="cache").json()["zone"] == first["zone"]
    assert _wish(http, app, name="third", unique_zone_app_wide=True).status_code == 422


def test_a_deleted_volume_no_longer_takes_a_host(fleet, http, faults):
    app = fleet.app()
    faults.set_faults(hosts_per_region=1)
    http.delete(f"/v1/apps/{app}/volumes/{fleet.volume(app)['id']}")

    assert _wish(http, app).status_code == 200


def test_a_region_may_be_full_for_volumes_alone(fleet, http, faults):
    app = fleet.app()
    faults.set_faults(full_volume_regions=["iad"])

    refusal = _wish(http, app)

    assert (refusal.status_code, refusal.json()["status"]) == (422, "insufficient_capacity")
    assert _wish(http, app, region="iad,fra").json()["region"] == "fra"
    assert fleet.create(app, {}).status_code == 200


@pytest.fixture
def full(fleet, faults):
    """A stopped machine whose host has no room any more, and its volume."""
    machine, volume = fleet.with_volume()
    machine.do("stop", "stopped")
    faults.set_faults(full_volumes=[volume["id"]])
    return machine, volume


def test_a_full_host_does_not_start_its_machine(full):
    refusal = full[0].post("start")

    assert refusal.status_code == 409
    assert "on the current host" in refusal.json()["error"]


def test_a_full_host_takes_no_second_machine_and_grows_no_volume(full, http):
    machine, volume = full
    machine.delete()
    machine.reach("destroyed")
    wish = {"image": "x", "mounts": [{"volume": volume["id"], "path": "/data"}]}

    created = http.post(f"/v1/apps/{machine.app}/machines", json={"config": wish})
    path = f"/v1/apps/{machine.app}/volumes/{volume['id']}/extend"
    grown = http.put(path, json={"size_gb": 9})

    for refusal in (created, grown):
        assert refusal.status_code == 412
        assert refusal.json()["status"] == "volume_placement_capacity"
        assert refusal.json()["error"].startswith("insufficient resources")


def test_the_way_out_of_a_full_host_is_a_copy_elsewhere(full, fleet, http):
    machine, volume = full
    machine.http.put("/_local/faults", json={"full_zones": [volume["zone"]]})
    assert machine.post("start").status_code == 409

    snapshot = snapshot_of(http, machine.app, volume["id"])
    copy = fleet.volume(machine.app, snapshot_id=snapshot["id"])
    mounts = [{"volume": copy["id"], "path": "/workspace"}]

    assert copy["zone"] != volume["zone"]
    assert fleet.started(machine.app, {"mounts": mounts}).state == "started"


def test_the_organization_may_reach_its_limit_of_volumes(fleet, http, faults):
    app = fleet.app()
    faults.set_faults(volume_limit=0)

    refusal = _wish(http, app)

    assert refusal.status_code == 422
    assert "reached its volume limit" in refusal.json()["error"]
