"""A restart of Local Fly is a reboot of the host."""

import pytest

from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet, Machine, eventually


@pytest.fixture
def again(tmp_path):
    """Run some steps against a Local Fly; each call is another life of the same state."""

    def run(steps):
        with local_fly(tmp_path / "state") as server, client_of(server) as http:
            return steps(Fleet(http, server.org))

    return run


def test_a_started_machine_is_booted_again(again):
    def first(fleet):
        machine, _ = fleet.with_volume()
        machine.run("sh", "-c", "echo kept > /workspace/file")
        return machine, machine.guest().json()["boot_id"]

    before, boot_id = again(first)

    def second(fleet):
        machine = Machine(fleet.http, before.app, before.id, {}).reach("started")
        assert machine.guest().json()["boot_id"] != boot_id
        assert machine.run("cat", "/workspace/file")["stdout"] == "kept\n"
        assert machine.events()[-2:] == [("exit", "stopped", "flyd"), ("start", "started", "flyd")]

    again(second)


def test_a_suspended_machine_stays_suspended_and_loses_its_memory(again):
    def first(fleet):
        machine = fleet.started()
        machine.guest("/")
        return machine.do("suspend", "suspended")

    before = again(first)

    def second(fleet):
        machine = Machine(fleet.http, before.app, before.id, {})
        assert machine.state == "suspended"
        assert machine.do("start", "started").guest().json()["counter"] == 0

    again(second)


def test_everything_else_is_as_it_was(again):
    def first(fleet):
        machine = fleet.machine(config={"metadata": {"a": "b"}}, skip_launch=True)
        machine.reach("stopped")
        lease = machine.post("lease?ttl=300").json()
        fleet.http.post(f"/v1/apps/{machine.app}/secrets", json={"values": {"A": "1"}})
        volume = fleet.volume(machine.app)
        snapshots = f"/v1/apps/{machine.app}/volumes/{volume['id']}/snapshots"
        fleet.http.post(snapshots)
        eventually(lambda: fleet.http.get(snapshots).json()[0]["status"] == "created")
        paths = [
            machine.path,
            f"{machine.path}/lease",
            f"/v1/apps/{machine.app}",
            f"/v1/apps/{machine.app}/secrets",
            f"/v1/apps/{machine.app}/volumes",
            snapshots,
        ]
        assert fleet.http.get(paths[1]).json() == lease
        return {path: fleet.http.get(path).json() for path in paths}

    before = again(first)

    again(lambda fleet: [_same(fleet.http, path, body) for path, body in before.items()])


def test_a_delete_that_was_interrupted_is_finished(again):
    def first(fleet):
        machine = fleet.started()
        fleet.http.delete(f"/v1/apps/{machine.app}")
        return machine.app

    app = again(first)

    def second(fleet):
        eventually(lambda: fleet.http.get(f"/v1/apps/{app}").status_code == 404)

    again(second)


def _same(http, path, body):
    assert http.get(path).json() == body
