"""Leases lock a machine for everybody without the nonce."""

import time

import pytest


@pytest.fixture
def machine(fleet):
    return fleet.machine(skip_launch=True).reach("stopped")


def _nonce(nonce):
    return {"fly-machine-lease-nonce": nonce}


def test_a_lease_comes_in_its_envelope(machine):
    taken = machine.post("lease", {"ttl": 30, "description": "resize"})

    assert taken.status_code == 201
    body = taken.json()
    assert body["status"] == "success"
    assert body["data"]["description"] == "resize"
    assert body["data"]["owner"].endswith("@tokens.fly.io")
    assert body["data"]["version"] == machine.body["instance_id"]
    assert 25 < body["data"]["expires_at"] - time.time() <= 31
    assert machine.http.get(f"{machine.path}/lease").json() == body


def test_others_are_refused_and_told_who_holds_it(machine):
    lease = machine.post("lease?ttl=30").json()["data"]

    again, start = machine.post("lease"), machine.post("start")

    assert again.status_code == start.status_code == 409
    assert again.json()["status"] == "error"
    held = f"machine ID {machine.id} lease currently held by {lease['owner']}, expires at "
    assert again.json()["message"].startswith(held)
    assert start.json()["error"].startswith(held)


def test_the_holder_acts_extends_and_releases(machine):
    lease = machine.post("lease?ttl=5").json()["data"]

    extended = machine.post("lease?ttl=50", headers=_nonce(lease["nonce"]))
    started = machine.post("start", headers=_nonce(lease["nonce"]))
    released = machine.http.delete(f"{machine.path}/lease", headers=_nonce(lease["nonce"]))

    assert extended.status_code == 201
    assert extended.json()["data"]["nonce"] == lease["nonce"]
    assert extended.json()["data"]["expires_at"] > lease["expires_at"]
    assert started.status_code == 200
    assert released.json() == {"status": "success", "data": {"ok": True}}
    assert machine.http.get(f"{machine.path}/lease").status_code == 404


def test_a_lease_ends_by_itself(machine):
    machine.post("lease?ttl=1")
    assert machine.post("start").status_code == 409

    time.sleep(1.1)

    assert machine.post("start").status_code == 200


def test_metadata_and_exec_need_no_nonce(fleet):
    machine = fleet.started()
    machine.post("lease?ttl=30")

    assert machine.post("metadata/role", {"value": "devbox"}).status_code == 204
    assert machine.run("true")["exit_code"] == 0


def test_a_create_with_lease_ttl_returns_the_nonce_once(fleet):
    machine = fleet.machine(skip_launch=True, lease_ttl=30)

    assert machine.post("cordon").status_code == 409
    assert machine.post("cordon", headers=_nonce(machine.body["nonce"])).status_code == 200
    assert "nonce" not in machine.show()
    shown = machine.http.get(machine.path, params={"include_leases": "true"}).json()
    assert set(shown["lease"]) == {"owner", "expires_at", "description"}


def test_without_a_lease_there_is_none_to_show_or_release(machine):
    for method in ("GET", "DELETE"):
        answer = machine.http.request(method, f"{machine.path}/lease")

        assert answer.status_code == 404
        assert answer.json() == {"status": "error", "message": "lease not found", "code": "invalid"}


def test_every_verb_is_refused_without_the_nonce(machine):
    machine.post("lease?ttl=30")
    verbs = ("start", "stop", "suspend", "restart", "cordon", "uncordon")

    assert {verb: machine.post(verb).status_code for verb in verbs} == dict.fromkeys(verbs, 409)


def test_updates_and_destroys_are_refused_without_the_nonce(machine):
    machine.post("lease?ttl=30")

    update = machine.http.post(machine.path, json={"config": {"image": "workspace:2"}})

    assert update.status_code == 409
    assert machine.delete().status_code == 409
    assert machine.show()["config"]["image"] == "workspace:1"
