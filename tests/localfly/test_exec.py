"""Commands inside a machine."""

import time


def test_output_and_exit_code_come_back_with_status_200(fleet):
    machine = fleet.started()

    assert machine.run("sh", "-c", "echo out; echo err >&2; exit 22") == {
        "stdout": "out\n",
        "stderr": "err\n",
        "exit_code": 22,
        "exit_signal": 0,
    }


def test_the_machine_s_environment_is_there_and_the_host_s_is_not(fleet, monkeypatch):
    monkeypatch.setenv("HOST_TOKEN", "hidden")
    machine = fleet.started(config={"env": {"MJ_USER": "u1"}})

    script = "echo $FLY_MACHINE_ID $FLY_APP_NAME $FLY_REGION $MJ_USER [$HOST_TOKEN]"
    shown = machine.run("sh", "-c", script)["stdout"]

    assert shown == f"{machine.id} {machine.app} iad u1 []\n"


def test_stdin_and_the_old_command_form_work(fleet):
    machine = fleet.started()

    assert machine.post("exec", {"command": ["cat"], "stdin": "in"}).json()["stdout"] == "in"
    assert machine.post("exec", {"cmd": "echo 'a b'"}).json()["stdout"] == "a b\n"


def test_a_command_that_takes_too_long_is_killed(fleet):
    machine = fleet.started()
    began = time.monotonic()

    answer = machine.post("exec", {"command": ["sleep", "20"], "timeout": 0.2})

    assert answer.status_code == 408
    assert answer.json() == {"error": "deadline_exceeded: request deadline exceeded"}
    assert time.monotonic() - began < 5


def test_a_stopped_machine_runs_nothing(fleet):
    machine = fleet.machine(skip_launch=True).reach("stopped")

    assert machine.post("exec", {"command": ["true"]}).status_code == 412


def test_the_processes_of_a_machine_are_listed(fleet, http):
    machine = fleet.started()
    machine.guest()

    (row,) = http.get(f"{machine.path}/ps").json()

    assert row["pid"] == machine.address()["pid"]
    assert "guest.py" in row["command"]
    assert row["rss"] > 1024 * 1024


def test_a_signal_reaches_the_process(fleet):
    trap = {"exec": ["sh", "-c", "trap 'exit 5' USR2; while true; do sleep 0.02; done"]}
    machine = fleet.started(config={"init": trap, "restart": {"policy": "no"}})
    machine.loops()

    assert machine.post("signal", {"signal": "SIGUSR2"}).json() == {"ok": True}

    machine.reach("stopped")
    assert machine.exits()[0]["exit_event"]["guest_exit_code"] == 5
