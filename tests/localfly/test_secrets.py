"""Secrets are counted, digested and withheld."""

from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def app(fleet):
    return fleet.app()


def test_a_bulk_write_is_one_version_and_null_deletes(http, app):
    path = f"/v1/apps/{app}/secrets"
    http.post(path, json={"values": {"OLD": "1", "KEEP": "2"}})

    written = http.post(path, json={"values": {"OLD": None, "NEW": "3"}}).json()

    assert (written["version"], written["Version"]) == (2, 2)
    assert [row["name"] for row in written["secrets"]] == ["NEW"]
    listed = http.get(path, params={"show_secrets": "true"}).json()["secrets"]
    assert [row["name"] for row in listed] == ["KEEP", "NEW"]
    assert all("value" not in row and len(row["digest"]) == 32 for row in listed)


def test_one_secret_is_written_shown_and_deleted(http, app):
    path = f"/v1/apps/{app}/secrets/KEY"

    written = http.post(path, json={"value": "x"})
    shown = http.get(path)
    deleted = http.delete(path)

    assert written.status_code == 201
    assert written.json()["version"] == 1
    assert shown.json()["digest"] == written.json()["digest"]
    assert deleted.json() == {"version": 2, "Version": 2}
    assert http.get(path).status_code == 404


def test_a_new_value_arrives_with_the_next_boot(fleet, http, app):
    path = f"/v1/apps/{app}/secrets"
    http.post(path, json={"values": {"KEY": "old"}})
    machine = fleet.started(app)
    http.post(path, json={"values": {"KEY": "new"}})

    def key():
        return machine.run("sh", "-c", "echo $KEY")["stdout"].strip()

    assert key() == "old"
    machine.do("suspend", "suspended").do("start", "started")
    assert key() == "old"
    machine.do("stop", "stopped").do("start", "started")
    assert key() == "new"


def test_a_machine_with_the_secrets_it_needs_is_made_at_once(fleet, http, app):
    version = http.post(f"/v1/apps/{app}/secrets", json={"values": {"A": "1"}}).json()["version"]

    assert fleet.create(app, {}, min_secrets_version=version).status_code == 200


def test_a_machine_is_not_made_without_the_secrets_it_needs(fleet, http, app):
    refusal = fleet.create(app, {}, min_secrets_version=1)

    assert refusal.status_code == 408
    assert refusal.json() == {
        "error": "deadline_exceeded: secrets version 1 is not available yet",
    }
    assert http.get(f"/v1/apps/{app}/machines").json() == []


def test_secrets_that_come_a_moment_later_are_waited_for(fleet, http, app):
    with ThreadPoolExecutor() as threads:
        created = threads.submit(fleet.create, app, {}, min_secrets_version=1)
        http.post(f"/v1/apps/{app}/secrets/KEY", json={"value": "x"})

    assert created.result().status_code == 200


def test_an_update_waits_for_its_secrets_too(fleet, http, app):
    machine = fleet.machine(app, skip_launch=True).reach("stopped")
    wish = {"config": {"image": "workspace:2"}, "min_secrets_version": 1}

    assert http.post(machine.path, json=wish).status_code == 408
    assert machine.show()["config"]["image"] == "workspace:1"


def test_an_unknown_secret_is_not_found(http, app):
    path = f"/v1/apps/{app}/secrets/NONE"

    assert http.get(path).status_code == http.delete(path).status_code == 404
    assert http.get(path).json() == {"error": "secret not found"}
