"""A restart on request, and the terms it may be given."""

import pytest

STUBBORN = {"exec": ["sh", "-c", "trap '' INT TERM; while true; do sleep 0.02; done"]}


def _restarted(machine, **query):
    """Restart and wait until it has started again."""
    newest = machine.show()["events"][0]["id"]
    answer = machine.post("restart", params=query)
    assert answer.status_code == 200, answer.text
    assert machine.wait("started", from_event_id=newest).status_code == 200
    return machine.exits()[-1]["exit_event"]


def _stubborn(fleet):
    machine = fleet.started(config={"init": STUBBORN})
    machine.loops()
    return machine


@pytest.mark.parametrize("query", [{"timeout": "100ms"}, {"force_stop": "true"}], ids=str)
def test_a_stubborn_machine_is_killed(fleet, query):
    assert _restarted(_stubborn(fleet), **query)["guest_signal"] == 9


def test_the_signal_of_the_call_wins(fleet):
    trap = {"exec": ["sh", "-c", "trap 'exit 6' USR1; while true; do sleep 0.02; done"]}
    machine = fleet.started(config={"init": trap})
    machine.loops()

    assert _restarted(machine, signal="SIGUSR1")["guest_exit_code"] == 6


def test_a_bare_number_is_seconds_here(fleet):
    machine = fleet.started()
    machine.guest()

    exit_ = _restarted(machine, timeout="9")

    assert (exit_["guest_exit_code"], exit_["requested_stop"]) == (0, True)


def test_a_timeout_that_is_none_is_refused(fleet):
    machine = fleet.started()

    assert machine.post("restart", params={"timeout": "soon"}).status_code == 400
    assert machine.state == "started"


def test_the_volume_and_the_version_stay(fleet):
    machine, _ = fleet.with_volume()
    version = machine.show()["instance_id"]
    machine.run("sh", "-c", "echo kept > /workspace/file")

    _restarted(machine)

    assert machine.run("cat", "/workspace/file")["stdout"] == "kept\n"
    assert machine.show()["instance_id"] == version
