"""Apps: names, visibility, and the delete that takes everything along."""

import pytest

from tests.localfly.fleet import eventually, fresh_name


def test_an_app_is_created_shown_and_listed(fleet, http, server):
    name = fleet.app(network="net-one")

    shown = http.get(f"/v1/apps/{name}").json()
    listed = http.get("/v1/apps", params={"org_slug": server.org}).json()

    assert shown["status"] == "pending"
    assert shown["network"] == "net-one"
    assert shown["organization"]["slug"] == server.org
    assert name in [row["name"] for row in listed["apps"]]
    assert listed["total_apps"] == len(listed["apps"])


def test_the_documented_key_for_the_name_works_too(http, server):
    name = fresh_name()

    created = http.post("/v1/apps", json={"app_name": name, "org_slug": server.org})

    assert created.status_code == 201
    assert set(created.json()) == {"id", "created_at"}
    assert http.get(f"/v1/apps/{name}").json()["network"] == "default"


@pytest.mark.parametrize("name", ["Upper", "under_score", "x" * 63, ""])
def test_a_bad_name_is_refused(http, server, name):
    refusal = http.post("/v1/apps", json={"name": name, "org_slug": server.org})

    assert refusal.status_code == 422
    assert refusal.json()["error"].startswith("Validation failed: Name under 63 chars")


def test_a_taken_name_is_refused_whoever_has_it(fleet, http, server, faults):
    mine = fleet.app()
    faults.set_faults(foreign_apps=["theirs"])

    for name in (mine, "theirs", "taken"):
        refusal = http.post("/v1/apps", json={"name": name, "org_slug": server.org})

        assert refusal.status_code == 422
        assert refusal.json() == {
            "error": "Validation failed: Name has already been taken",
            "status": "name_taken",
        }


def test_another_organization_s_app_is_forbidden_and_a_free_name_is_not_found(http):
    assert http.get("/v1/apps/taken").status_code == 403
    assert http.get("/v1/apps/taken/machines").json() == {"error": "unauthorized"}
    assert http.get("/v1/apps/nobody-has-this").json() == {"error": "app not found"}


def test_another_organization_may_not_be_listed(http):
    assert http.get("/v1/apps", params={"org_slug": "other"}).status_code == 403
    assert http.get("/v1/orgs/other/machines").status_code == 403


def test_a_delete_takes_machines_volumes_and_snapshots_along(fleet, http, server):
    machine, volume = fleet.with_volume()
    path = f"/v1/apps/{machine.app}"
    snapshots = f"{path}/volumes/{volume['id']}/snapshots"
    http.post(snapshots)
    eventually(lambda: http.get(snapshots).json()[0]["status"] == "created")
    copy = server.state / "snapshots" / http.get(snapshots).json()[0]["id"]
    assert copy.is_dir()

    answer = http.delete(path, params={"force": "true"})

    assert answer.status_code == 202
    assert answer.content == b""
    eventually(lambda: http.get(path).status_code == 404)
    assert machine.address() == {"state": "destroyed", "port": None, "pid": None}
    assert not (server.state / "volumes" / volume["id"]).exists()
    assert not copy.exists()


def test_a_deleted_name_is_free_again(fleet, http):
    name = fleet.app()
    http.delete(f"/v1/apps/{name}")
    eventually(lambda: http.get(f"/v1/apps/{name}").status_code == 404)

    fleet.app(name)

    assert http.get(f"/v1/apps/{name}/secrets").json() == {"secrets": []}


def test_a_deploy_token_is_accepted_as_it_is_printed(fleet, http):
    app = fleet.app()

    token = http.post(f"/v1/apps/{app}/deploy_token", json={"expiry": "48h"}).json()["token"]

    assert token.startswith("FlyV1 ")
    headers = {"Authorization": f"Bearer {token}"}
    assert http.get(f"/v1/apps/{app}", headers=headers).status_code == 200
    assert http.post(f"/v1/apps/{app}/deploy_token").json() == {"error": "EOF"}


def test_a_delete_needs_no_force_even_while_machines_run(fleet, http):
    machine = fleet.started()
    pid = machine.address()["pid"]

    answer = http.delete(f"/v1/apps/{machine.app}")

    assert pid is not None
    assert answer.status_code == 202
    eventually(lambda: http.get(f"/v1/apps/{machine.app}").status_code == 404)
    assert machine.address() == {"state": "destroyed", "port": None, "pid": None}


def test_a_second_delete_is_accepted_as_long_as_the_app_is_there(fleet, http):
    path = f"/v1/apps/{fleet.machine().app}"

    assert [http.delete(path).status_code for _ in range(2)] == [202, 202]
    eventually(lambda: http.delete(path).status_code == 404)


@pytest.mark.parametrize("network", ["1st", "a_b", "-x"])
def test_a_bad_network_name_is_refused(http, server, network):
    wish = {"name": fresh_name(), "org_slug": server.org, "network": network}

    assert http.post("/v1/apps", json=wish).status_code == 400


def test_a_list_must_name_its_organization(http):
    assert http.get("/v1/apps").status_code == 400


def test_an_app_counts_what_is_in_it(fleet, http):
    machine, volume = fleet.with_volume()
    path = f"/v1/apps/{machine.app}"

    full = http.get(path).json()
    machine.delete(force="true")
    machine.reach("destroyed")
    http.delete(f"{path}/volumes/{volume['id']}")
    empty = http.get(path).json()

    assert (full["status"], full["machine_count"], full["volume_count"]) == ("deployed", 1, 1)
    assert (empty["status"], empty["machine_count"], empty["volume_count"]) == ("pending", 0, 0)
