"""Metadata changes without a new version."""

import pytest


@pytest.fixture
def machine(fleet):
    config = {"metadata": {"role": "devbox", "user": "u1"}}
    return fleet.machine(config=config, skip_launch=True).reach("stopped")


def _metadata(machine):
    return machine.http.get(f"{machine.path}/metadata").json()


def test_one_key_is_read_written_and_removed(machine):
    key = f"{machine.path}/metadata/role"

    assert machine.http.get(key).json() == {"value": "devbox"}
    assert machine.http.post(key, json={"value": "router"}).status_code == 204
    assert _metadata(machine)["role"] == "router"
    assert machine.http.delete(key).status_code == 204
    assert machine.http.get(key).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_many_keys_change_at_once_and_null_or_nothing_removes(machine, method):
    changes = {"metadata": {"role": None, "user": "", "new": "1"}}

    answer = machine.http.request(method, f"{machine.path}/metadata", json=changes)

    assert answer.status_code == 204
    assert _metadata(machine) == {"new": "1"}
    assert machine.show()["config"]["metadata"] == {"new": "1"}
    assert machine.show()["instance_id"] == machine.body["instance_id"]


def test_a_stale_version_is_refused(machine):
    changes = {"metadata": {"a": "b"}, "machine_version": "01AAAAAAAAAAAAAAAAAAAAAAAA"}

    answer = machine.http.put(f"{machine.path}/metadata", json=changes)

    assert answer.status_code == 412
    assert "a" not in _metadata(machine)
