"""Machines for one job: they end, tell how, and are gone; their story stays readable."""

from dataclasses import replace

import pytest

from localfly.settings import FAST
from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet, Machine

ONCE = {"restart": {"policy": "no"}, "auto_destroy": True}


def _job(fleet, script, **rest):
    config = {**ONCE, "init": {"exec": ["sh", "-c", script]}, **rest}
    return fleet.machine(config=config)


@pytest.mark.parametrize("code", [0, 3])
def test_a_job_that_is_done_is_destroyed_with_its_exit_code(fleet, code):
    job = _job(fleet, f"exit {code}")

    job.reach("destroyed")

    assert job.events() == [
        ("launch", "pending", "flyd"),
        ("launch", "created", "user"),
        ("start", "started", "flyd"),
        ("exit", "stopped", "flyd"),
        ("destroy", "destroying", "flyd"),
        ("destroy", "destroyed", "flyd"),
    ]
    (exit_,) = job.exits()
    assert (
        exit_["exit_event"].items()
        >= {
            "exit_code": code,
            "guest_exit_code": code,
            "requested_stop": False,
            "restarting": False,
            "oom_killed": False,
        }.items()
    )


def test_it_can_be_found_afterwards(fleet, http):
    job = _job(fleet, "exit 5", metadata={"role": "archiver"})
    job.reach("destroyed")

    shown = job.show()
    index = f"/v1/apps/{job.app}/machines"
    org = f"/v1/orgs/{fleet.org}/machines"

    assert shown["state"] == "destroyed"
    assert shown["events"][2]["request"]["exit_event"]["exit_code"] == 5
    assert http.get(index).json() == []
    query = {"include_deleted": "true", "metadata.role": "archiver"}
    assert [row["id"] for row in http.get(index, params=query).json()] == [job.id]
    found = http.get(org, params={"include_deleted": "true"}).json()["machines"]
    assert "destroyed" in {row["state"] for row in found if row["id"] == job.id}
    assert job.id not in {row["id"] for row in http.get(org).json()["machines"]}


def test_one_that_runs_out_of_memory_says_so(fleet):
    job = _job(fleet, "sleep 600").reach("started")

    job.http.post(f"/_local/machines/{job.id}/crash", json={"oom_killed": True})
    job.reach("destroyed")

    (exit_,) = job.exits()
    assert exit_["exit_event"]["oom_killed"] is True
    assert (exit_["exit_event"]["exit_code"], exit_["exit_event"]["guest_signal"]) == (137, 9)


def test_its_volume_is_free_again(fleet, http):
    app = fleet.app()
    volume = fleet.volume(app)
    init = {"exec": ["sh", "-c", "echo out > /data/result"]}
    mounts = [{"volume": volume["id"], "path": "/data"}]

    fleet.machine(app, {**ONCE, "init": init, "mounts": mounts}).reach("destroyed")

    path = f"/v1/apps/{app}/volumes/{volume['id']}"
    assert http.get(path).json()["attached_machine_id"] is None
    assert http.delete(path).status_code == 200


def test_under_the_default_policy_a_failure_is_tried_again_first(fleet):
    config = {
        "auto_destroy": True,
        "init": {"exec": ["sh", "-c", "exit 4"]},
        "restart": {"policy": "on-failure", "max_retries": 1},
    }

    job = fleet.machine(config=config)

    job.reach("destroyed")
    assert [one["exit_event"]["restarting"] for one in job.exits()] == [True, False]


def test_a_stop_is_an_end_too_but_a_restart_is_none(fleet):
    job = _job(fleet, "trap 'exit 0' INT; while true; do sleep 0.02; done").reach("started")
    job.loops()
    newest = job.show()["events"][0]["id"]

    job.post("restart")
    assert job.wait("started", from_event_id=newest).status_code == 200
    job.loops().post("stop")

    job.reach("destroyed")
    assert job.exits()[-1]["exit_event"]["requested_stop"] is True


def test_without_a_policy_to_restart_a_machine_that_ended_stays_stopped(fleet):
    machine = fleet.machine(
        config={"init": {"exec": ["sh", "-c", "exit 9"]}, "restart": {"policy": "no"}}
    )

    machine.reach("stopped")

    assert machine.events()[-1] == ("exit", "stopped", "flyd")
    assert machine.exits()[0]["exit_event"]["exit_code"] == 9


def test_a_job_whose_host_rebooted_ends_with_it(tmp_path):
    with local_fly(tmp_path, timings=replace(FAST)) as server, client_of(server) as http:
        job = _job(Fleet(http, server.org), "sleep 600").reach("started")
    with local_fly(tmp_path) as server, client_of(server) as http:
        again = Machine(http, job.app, job.id, {}).reach("destroyed")

        assert again.exits()[0]["exit_event"]["exit_code"] == 137
