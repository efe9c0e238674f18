"""A machine that ends by itself, and what its restart policy makes of it."""

from tests.localfly.fleet import eventually


def test_a_crash_boots_the_machine_again(fleet):
    machine = fleet.started()
    before = machine.guest().json()["boot_id"]
    newest = machine.show()["events"][0]["id"]

    machine.post("exec", {"command": ["sh", "-c", f"kill -KILL {machine.address()['pid']}"]})
    machine.wait("started", from_event_id=newest)

    assert machine.guest().json()["boot_id"] != before
    assert machine.events()[3:] == [("exit", "stopped", "flyd"), ("start", "started", "flyd")]
    (exit_,) = machine.exits()
    assert exit_["restart_count"] == 1
    assert (
        exit_["exit_event"].items()
        >= {
            "requested_stop": False,
            "restarting": True,
            "guest_exit_code": 137,
            "guest_signal": 9,
        }.items()
    )


def test_a_machine_that_keeps_crashing_is_given_up(fleet):
    config = {
        "init": {"exec": ["sh", "-c", "exit 3"]},
        "restart": {"policy": "on-failure", "max_retries": 2},
    }
    machine = fleet.machine(config=config)

    eventually(lambda: len(machine.exits()) == 3)

    machine.reach("stopped")
    assert [exit_["exit_event"]["restarting"] for exit_ in machine.exits()] == [True, True, False]
    assert [exit_["restart_count"] for exit_ in machine.exits()] == [1, 2, 2]
    assert {exit_["exit_event"]["exit_code"] for exit_ in machine.exits()} == {3}


def test_a_clean_end_is_not_a_failure(fleet):
    machine = fleet.started()
    machine.guest()

    machine.post("signal", {"signal": "SIGTERM"})
    machine.reach("stopped")

    (exit_,) = machine.exits()
    assert exit_["exit_event"]["requested_stop"] is False
    assert exit_["exit_event"]["restarting"] is False


def test_policy_always_boots_after_a_clean_end_too(fleet):
    machine = fleet.started(config={"restart": {"policy": "always"}})
    machine.guest()
    newest = machine.show()["events"][0]["id"]

    machine.post("signal", {"signal": "SIGTERM"})

    assert machine.wait("started", from_event_id=newest).status_code == 200


def test_policy_no_leaves_a_crashed_machine_stopped(fleet):
    machine = fleet.started(config={"restart": {"policy": "no"}})
    machine.guest()

    machine.http.post(f"/_local/machines/{machine.id}/crash")
    machine.reach("stopped")

    assert machine.exits()[0]["exit_event"]["restarting"] is False


def test_a_command_that_does_not_exist_is_a_crash_with_127(fleet):
    config = {"init": {"exec": ["/no/such/program"]}, "restart": {"policy": "no"}}
    machine = fleet.machine(config=config)

    machine.reach("stopped")

    assert machine.exits()[0]["exit_event"]["exit_code"] == 127


def test_auto_destroy_removes_the_machine_when_it_ends(fleet):
    config = {"init": {"exec": ["true"]}, "auto_destroy": True}
    machine = fleet.machine(config=config)

    machine.reach("destroyed")
