"""The wait endpoint."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest


def test_reaching_the_state_names_version_and_event(fleet):
    machine = fleet.machine()

    answer = machine.wait("started").json()

    shown = machine.show()
    assert answer == {
        "ok": True,
        "state": "started",
        "version": shown["instance_id"],
        "event_id": shown["events"][0]["id"],
    }


def test_the_deadline_says_what_the_machine_is_instead(fleet):
    machine = fleet.started()
    began = time.monotonic()

    answer = machine.wait("stopped", timeout=1)

    assert time.monotonic() - began > 0.9
    assert answer.status_code == 408
    assert answer.json()["error"] == (
        "deadline_exceeded: machine failed to reach desired state, stopped, currently started"
    )


@pytest.mark.parametrize("timeout", [0, 61])
def test_a_timeout_out_of_range_is_refused(fleet, timeout):
    machine = fleet.machine(skip_launch=True)

    answer = machine.wait("stopped", timeout=timeout)

    assert answer.status_code == 400
    assert "value must be inside range [1s, 1m0s]" in answer.json()["error"]


def test_any_of_several_states_will_do(fleet):
    machine = fleet.started()
    machine.post("suspend")

    assert machine.wait("stopped,suspended").json()["state"] == "suspended"


def test_settled_is_any_state_that_lasts(fleet):
    machine = fleet.started()
    machine.post("stop")

    assert machine.wait("settled").json()["state"] == "stopped"


def test_only_what_came_after_an_event_counts(fleet):
    machine = fleet.started()
    newest = machine.show()["events"][0]["id"]

    with ThreadPoolExecutor() as threads:
        early = threads.submit(machine.wait, "started", from_event_id=newest)
        machine.do("stop", "stopped").do("start", "started").do("stop", "stopped")
    late = machine.wait("started", from_event_id=newest)

    assert early.result().json()["state"] == late.json()["state"] == "started"
    assert early.result().json()["event_id"] == late.json()["event_id"] > newest


def test_another_version_is_waited_for(fleet):
    machine = fleet.machine(skip_launch=True).reach("stopped")
    with ThreadPoolExecutor() as threads:
        wish = {"config": {"image": "workspace:2"}, "skip_launch": True}
        version = machine.http.post(machine.path, json=wish).json()["instance_id"]
        new = threads.submit(machine.wait, "stopped", version=version)
        old = threads.submit(
            machine.wait, "stopped", timeout=1, version=machine.body["instance_id"]
        )

    assert new.result().json()["version"] == version
    assert old.result().status_code == 408
