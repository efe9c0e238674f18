"""Secrets are counted, digested and withheld."""

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


def test_a_machine_does_not_start_without_the_secrets_it_needs(fleet, http, app):
    version = http.post(f"/v1/apps/{app}/secrets", json={"values": {"A": "1"}}).json()["version"]

    assert fleet.create(app, {}, min_secrets_version=version).status_code == 200
    assert fleet.create(app, {}, min_secrets_version=version + 1).status_code == 412
