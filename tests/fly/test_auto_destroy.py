"""Machines for one job: made with any config, waited for, and read after their end."""

import base64
from datetime import timedelta

import pytest

from jarvis_admin.fly.local import LocalExtras

SOON = timedelta(seconds=10)
JOB = {"auto_destroy": True, "restart": {"policy": "no"}}


@pytest.fixture
def run(live, app):
    """Runs a job on a machine of its own and returns what is left of it."""

    def run(**config):
        made = live.machines.create(app, name="job", config={"image": "job", **JOB, **config})
        live.machines.wait(app, made.id, "destroyed", SOON)
        return live.machines.get(app, made.id)

    return run


def test_the_exit_code_is_read_after_the_end(live, app, run):
    left = run(init={"exec": ["sh", "-c", "exit 3"]})

    assert left.state == "destroyed"
    assert (left.last_exit.exit_code, left.last_exit.requested_stop) == (3, False)
    assert live.machines.list(app) == ()
    (found,) = live.machines.list(app, include_deleted=True)
    assert found.id == left.id
    kinds = [event.kind for event in live.machines.events(app, left.id)]
    assert kinds == ["destroy", "destroy", "exit", "start", "launch", "launch"]


def test_a_job_gets_its_program_its_orders_and_its_files(live, run):
    LocalExtras(live).teach_images({"job": {"entrypoint": ["sh", "/job/run.sh"], "cmd": ["1"]}})
    script = base64.b64encode(b'exit "$(($1 + ADD))"').decode()

    left = run(
        init={"cmd": ["40"]},
        env={"ADD": "2"},
        files=[{"guest_path": "/job/run.sh", "raw_value": script}],
    )

    assert left.last_exit.exit_code == 42


def test_a_job_out_of_memory_is_told_from_a_killed_one(live, app):
    config = {"image": "other", **JOB, "init": {"exec": ["sleep", "600"]}}
    job = live.machines.create(app, name="job", config=config)
    live.machines.wait(app, job.id, "started", SOON)

    LocalExtras(live).crash(job.id, oom_killed=True)
    live.machines.wait(app, job.id, "destroyed", SOON)

    assert live.machines.get(app, job.id).last_exit.oom_killed


def test_a_machine_that_never_ended_has_no_last_exit(machine):
    assert machine.last_exit is None
