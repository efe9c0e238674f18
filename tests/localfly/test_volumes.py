"""Volumes are real folders that outlive their machines."""

from pathlib import Path

import pytest


def test_a_new_volume_has_fly_s_shape(fleet):
    volume = fleet.volume(fleet.app(), size_gb=10, region="fra")

    assert volume["id"].startswith("vol_")
    assert volume["state"] == "created"
    assert volume["attached_machine_id"] is None
    assert (volume["size_gb"], volume["region"], volume["snapshot_retention"]) == (10, "fra", 5)
    assert volume["bytes_total"] == 0


def test_the_size_defaults_to_three_gigabytes(fleet):
    assert fleet.volume(fleet.app(), size_gb=None)["size_gb"] == 3


@pytest.mark.parametrize("path", ["/workspace", "/data/deep/inside", "/usr/local/share/mj"])
def test_the_mount_is_at_its_path_inside_and_nowhere_on_the_host(fleet, path):
    machine, _ = fleet.with_volume(path)

    machine.guest("/files/notes/today.txt", "PUT", content=b"hello")

    assert machine.run("cat", f"{path}/notes/today.txt")["stdout"] == "hello"
    assert machine.guest("/files/notes/today.txt").content == b"hello"
    assert machine.guest().json()["mount"] == path
    assert not Path(path).exists()


def test_what_exec_writes_is_there_after_a_cold_boot(fleet):
    machine, _ = fleet.with_volume()
    machine.guest()
    machine.run("sh", "-c", "echo kept > /workspace/file")

    machine.do("stop", "stopped").do("start", "started")

    assert machine.run("cat", "/workspace/file")["stdout"] == "kept\n"
    machine.guest()
    assert len(machine.run("cat", "/workspace/boot.log")["stdout"].splitlines()) == 2


def test_the_volume_outlives_its_machine_and_serves_the_next(fleet):
    machine, volume = fleet.with_volume()
    machine.run("sh", "-c", "echo kept > /workspace/file")
    machine.delete(force="true")
    machine.reach("destroyed")

    mounts = [{"volume": volume["id"], "path": "/elsewhere"}]
    heir = fleet.started(machine.app, {"mounts": mounts})

    assert heir.run("cat", "/elsewhere/file")["stdout"] == "kept\n"


def test_the_machine_lives_in_the_region_of_its_volume(fleet):
    app = fleet.app()
    volume = fleet.volume(app, region="nrt")

    machine = fleet.machine(
        app, {"mounts": [{"volume": volume["id"], "path": "/data"}]}, region="iad"
    )

    assert machine.body["region"] == "nrt"


def test_a_claimed_volume_is_refused_to_a_second_machine(fleet):
    machine, volume = fleet.with_volume()

    refusal = fleet.create(
        machine.app, {"mounts": [{"volume": volume["id"], "path": "/workspace"}]}
    )

    assert refusal.status_code == 412
    assert refusal.json()["error"] == (
        f"failed_precondition: volume already claimed by machine {machine.id}"
    )


def test_a_bound_volume_cannot_be_deleted(fleet, http):
    machine, volume = fleet.with_volume()

    refusal = http.delete(f"/v1/apps/{machine.app}/volumes/{volume['id']}")

    assert refusal.status_code == 412
    assert refusal.json()["error"] == (
        f"failed_precondition: volume is currently bound to machine: {machine.id}"
    )


def test_a_deleted_volume_stays_listed_for_a_while(fleet, http):
    app = fleet.app()
    path = f"/v1/apps/{app}/volumes/{fleet.volume(app)['id']}"

    deleted = http.delete(path)

    assert deleted.json()["state"] == "destroyed"
    assert http.get(path).json()["state"] == "pending_destroy"
    assert [row["state"] for row in http.get(f"/v1/apps/{app}/volumes").json()] == [
        "pending_destroy"
    ]


def test_a_volume_grows_and_never_shrinks(fleet, http):
    app = fleet.app()
    path = f"/v1/apps/{app}/volumes/{fleet.volume(app, size_gb=2)['id']}/extend"

    grown = http.put(path, json={"size_gb": 5}).json()

    assert grown["volume"]["size_gb"] == 5
    assert grown["needs_restart"] is False
    assert http.put(path, json={"size_gb": 4}).status_code == 400


def test_the_backup_settings_can_be_changed(fleet, http):
    app = fleet.app()
    path = f"/v1/apps/{app}/volumes/{fleet.volume(app)['id']}"

    http.put(path, json={"snapshot_retention": 10, "auto_backup_enabled": False})

    shown = http.get(path).json()
    assert (shown["snapshot_retention"], shown["auto_backup_enabled"]) == (10, False)
    assert http.put(path, json={"snapshot_retention": 61}).status_code == 400


def test_a_mounted_volume_tells_its_sizes(fleet, http):
    machine, volume = fleet.with_volume()
    machine.run("sh", "-c", "head -c 10000 /dev/zero > /workspace/zeros")

    shown = http.get(f"/v1/apps/{machine.app}/volumes/{volume['id']}").json()

    assert shown["attached_machine_id"] == machine.id
    assert shown["bytes_total"] == 1024**3
    assert shown["bytes_used"] >= 10000


def test_a_full_host_refuses_the_machine_of_its_volume(fleet, faults):
    app = fleet.app()
    volume = fleet.volume(app)
    faults.set_faults(full_regions=["iad"])

    refusal = fleet.create(app, {"mounts": [{"volume": volume["id"], "path": "/data"}]})

    assert refusal.status_code == 412
    assert refusal.json()["status"] == "volume_placement_capacity"


def test_the_organization_s_volumes_are_listed(fleet, http, server):
    volume = fleet.volume(fleet.app())

    rows = http.get(f"/v1/orgs/{server.org}/volumes").json()["volumes"]

    (row,) = [row for row in rows if row["id"] == volume["id"]]
    assert row["app_name"].startswith("app-")
    assert row["updated_at"]


@pytest.mark.parametrize(
    "wish",
    [{"name": ""}, {"size_gb": 501}, {"size_gb": -1}, {"snapshot_retention": 61}, {"region": "x"}],
    ids=str,
)
def test_a_wish_out_of_bounds_is_refused(fleet, http, wish):
    path = f"/v1/apps/{fleet.app()}/volumes"

    assert http.post(path, json={"name": "home", **wish}).status_code == 400
    assert http.get(path).json() == []


@pytest.mark.parametrize("source", ["snapshot_id", "source_volume_id"])
def test_a_copy_needs_a_source_in_the_same_app(fleet, http, source):
    foreign = fleet.volume(fleet.app())["id"]
    wish = {"name": "home", source: foreign}

    assert http.post(f"/v1/apps/{fleet.app()}/volumes", json=wish).status_code == 404


def test_a_full_region_has_no_room_for_a_volume(fleet, http, faults):
    faults.set_faults(full_regions=["gru"])
    wish = {"name": "home", "region": "gru"}

    refusal = http.post(f"/v1/apps/{fleet.app()}/volumes", json=wish)

    assert refusal.status_code == 422
    assert refusal.json()["status"] == "insufficient_capacity"


def test_a_volume_of_another_app_is_not_shown(fleet, http):
    volume = fleet.volume(fleet.app())

    answer = http.get(f"/v1/apps/{fleet.app()}/volumes/{volume['id']}")

    assert (answer.status_code, answer.json()) == (404, {"error": "volume not found"})


def test_a_deleted_volume_takes_no_machine_and_no_snapshot(fleet, http):
    app = fleet.app()
    volume = fleet.volume(app)
    path = f"/v1/apps/{app}/volumes/{volume['id']}"
    http.delete(path)

    mounts = [{"volume": volume["id"], "path": "/data"}]

    assert fleet.create(app, {"mounts": mounts}).status_code == 404
    assert http.post(f"{path}/snapshots").status_code == 404
    assert http.get(f"{path}/snapshots").json() == []


def test_a_summary_measures_nothing(fleet, http):
    machine, _ = fleet.with_volume()
    machine.run("sh", "-c", "head -c 10000 /dev/zero > /workspace/zeros")

    (row,) = http.get(f"/v1/apps/{machine.app}/volumes", params={"summary": "true"}).json()

    assert row["bytes_used"] == 0


def test_the_organization_s_volumes_are_filtered_and_paged(fleet, http, server):
    app = fleet.app()
    made = [fleet.volume(app, region="jnb")["id"] for _ in range(2)]
    path, seen, cursor = f"/v1/orgs/{server.org}/volumes", [], {}

    while cursor.get("cursor") != "":
        query = {"region": "jnb", "state": "created", "limit": "1", "summary": "true", **cursor}
        page = http.get(path, params=query).json()
        seen += page["volumes"]
        cursor = {"cursor": page["next_cursor"]}

    assert sorted(row["id"] for row in seen) == sorted(made)
    assert all("blocks" not in row for row in seen)
