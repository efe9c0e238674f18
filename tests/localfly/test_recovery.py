"""A Local Fly that went away in the middle of something goes on from there."""

from dataclasses import replace

import pytest

from localfly.settings import FAST
from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet, Machine, eventually

SLOW = replace(FAST, stop=30, suspend=30, replace=30, destroy=30, snapshot_run=30, restore=30)


def _life(state, timings, steps):
    with local_fly(state, timings=timings) as server, client_of(server) as http:
        return steps(Fleet(http, server.org))


def _reach_again(state, before, wanted):
    def second(fleet):
        machine = Machine(fleet.http, before.app, before.id, {}).reach(wanted)
        return machine.events(), machine.address()["pid"]

    return _life(state, FAST, second)


@pytest.mark.parametrize(
    ("verb", "during", "after"),
    [
        ("stop", "stopping", "stopped"),
        ("suspend", "suspending", "suspended"),
        ("restart", "restarting", "started"),
        ("update", "replacing", "started"),
        ("destroy", "destroying", "destroyed"),
    ],
)
def test_a_verb_that_was_under_way_is_brought_to_its_end(tmp_path, verb, during, after):
    def first(fleet):
        machine = fleet.started()
        if verb == "destroy":
            machine.delete(force="true")
        elif verb == "update":
            fleet.http.post(machine.path, json={"config": {"image": "workspace:2"}})
        else:
            machine.post(verb)
        assert machine.state == during
        return machine

    machine = _life(tmp_path, SLOW, first)

    events, pid = _reach_again(tmp_path, machine, after)
    assert events[-1][1] == after
    assert (pid is not None) is (after == "started")


def test_an_update_that_was_to_launch_nothing_launches_nothing(tmp_path):
    def first(fleet):
        machine = fleet.machine(skip_launch=True).reach("stopped")
        wish = {"config": {"image": "workspace:2"}, "skip_launch": True}
        assert fleet.http.post(machine.path, json=wish).json()["state"] == "replacing"
        return machine

    machine = _life(tmp_path, SLOW, first)

    assert _reach_again(tmp_path, machine, "stopped")[1] is None


def test_a_machine_that_was_being_prepared_is_launched(tmp_path):
    machine = _life(tmp_path, replace(FAST, prepare=30), lambda fleet: fleet.machine())

    events, pid = _reach_again(tmp_path, machine, "started")

    assert [event[0] for event in events] == ["launch", "launch", "start"]
    assert pid is not None


def test_a_snapshot_that_was_being_written_is_finished(tmp_path):
    def first(fleet):
        machine, volume = fleet.with_volume()
        machine.run("sh", "-c", "echo kept > /workspace/file")
        path = f"/v1/apps/{machine.app}/volumes/{volume['id']}/snapshots"
        fleet.http.post(path)
        eventually(lambda: fleet.http.get(path).json()[0]["status"] == "running")
        return path

    path = _life(tmp_path, SLOW, first)

    def second(fleet):
        eventually(lambda: fleet.http.get(path).json()[0]["status"] == "created")
        assert fleet.http.get(path).json()[0]["size"] >= 5

    _life(tmp_path, FAST, second)


def test_a_fork_that_was_being_filled_is_filled(tmp_path):
    def first(fleet):
        machine, volume = fleet.with_volume()
        machine.run("sh", "-c", "echo kept > /workspace/file")
        fork = fleet.volume(machine.app, source_volume_id=volume["id"])
        assert fork["state"] == "creating"
        return machine.app, fork["id"]

    app, fork = _life(tmp_path, SLOW, first)

    def second(fleet):
        reader = fleet.started(app, {"mounts": [{"volume": fork, "path": "/fork"}]})
        return reader.run("cat", "/fork/file")["stdout"]

    assert _life(tmp_path, FAST, second) == "kept\n"


def test_health_is_found_out_anew(tmp_path):
    config = {"checks": {"web": {"type": "http", "path": "/health"}}}

    def first(fleet):
        return fleet.started(config=config)

    before = _life(tmp_path, FAST, first)

    def second(fleet):
        machine = Machine(fleet.http, before.app, before.id, {}).reach("started")
        eventually(lambda: machine.show()["checks"][0]["status"] == "passing")

    _life(tmp_path, FAST, second)
