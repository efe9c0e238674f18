"""Health checks: run while the machine is started, shown with it, and of no consequence."""

import json
import time

import pytest

from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet, eventually

SLEEPER = {"exec": ["sleep", "600"]}  # runs and never listens


def _service(**check):
    return {
        "services": [
            {
                "protocol": "tcp",
                "internal_port": 8080,
                "checks": [{"type": "http", "path": "/health", "interval": "100ms", **check}],
            }
        ]
    }


def _checks(machine):
    return machine.show()["checks"]


def _status(machine):
    (check,) = _checks(machine)
    return check["status"]


def _becomes(machine, status, seconds=3):
    eventually(lambda: _status(machine) == status, seconds=seconds)


@pytest.fixture
def switched(fleet):
    """A machine that is well while the file `ok` lies on its volume."""
    machine, _ = fleet.with_volume(**_service(path="/files/ok"))
    machine.guest("/files/ok", "PUT", content=b"42% used")
    _becomes(machine, "passing")
    return machine


def test_a_machine_is_passing_soon_after_it_serves(fleet):
    machine = fleet.started(config=_service(interval="1h"))
    began = time.monotonic()

    _becomes(machine, "passing")

    assert time.monotonic() - began < 1
    (check,) = _checks(machine)
    assert set(check) == {"name", "status", "output", "updated_at"}
    assert check["name"] == "servicecheck-00-http-8080"
    assert json.loads(check["output"])["machine"] == machine.id


def test_services_checks_are_numbered_and_the_machine_s_own_keep_their_names(fleet):
    config = {
        "services": [
            {"internal_port": 8080, "checks": [{"type": "tcp"}, {"type": "http", "port": 8081}]},
            {"internal_port": 9000, "checks": [{"type": "tcp", "interval": 15_000_000_000}]},
            {"internal_port": 9001, "checks": None},
        ],
        "checks": {
            "disk": {"type": "http", "port": 9090, "kind": "informational"},
            "script": {"type": "script"},
        },
    }

    machine = fleet.started(config=config)

    assert [check["name"] for check in _checks(machine)] == [
        "servicecheck-00-tcp-8080",
        "servicecheck-01-http-8081",
        "servicecheck-02-tcp-9000",
        "disk",
    ]
    # Whatever port they name, they ask the one that the machine was given.
    eventually(lambda: {check["status"] for check in _checks(machine)} == {"passing"})


@pytest.mark.parametrize(
    ("grace", "status"), [("1m", "warning"), ("0s", "critical"), (0, "critical")]
)
def test_one_that_does_not_serve_is_a_warning_until_its_grace_is_over(fleet, grace, status):
    service = _service(grace_period=grace)
    service["checks"] = {"tcp": {"type": "tcp", "grace_period": grace}}
    config = {**service, "init": SLEEPER}

    machine = fleet.started(config=config)

    refused = [(status, "connection refused")] * 2
    eventually(
        lambda: [(one["status"], one["output"]) for one in _checks(machine)] == refused, seconds=3
    )
    assert machine.state == "started"


def test_the_answer_of_a_check_is_its_output(switched):
    assert _checks(switched)[0]["output"] == "42% used"


def test_a_machine_that_gets_ill_is_critical_and_recovers(switched):
    switched.run("rm", "/workspace/ok")
    _becomes(switched, "critical")
    assert _checks(switched)[0]["output"].startswith("HTTP status 404: ")

    switched.guest("/files/ok", "PUT", content=b"")
    _becomes(switched, "passing")


def test_a_failing_check_neither_restarts_nor_stops_the_machine(switched):
    pid, events = switched.address()["pid"], switched.events()
    switched.run("rm", "/workspace/ok")
    _becomes(switched, "critical")

    time.sleep(0.3)

    assert switched.address()["pid"] == pid
    assert switched.events() == events


def test_a_change_of_health_does_not_move_the_machine_in_the_list_of_changes(switched, fleet):
    def newest():
        page = fleet.http.get(f"/v1/orgs/{fleet.org}/machines").json()
        return page["last_updated_at"], page["last_machine_id"]

    before, updated = newest(), switched.show()["updated_at"]
    switched.run("rm", "/workspace/ok")
    _becomes(switched, "critical")

    assert switched.show()["updated_at"] == updated
    assert newest() == before


def test_the_instant_of_a_result_is_that_of_its_last_change(switched):
    first = _checks(switched)[0]["updated_at"]
    switched.guest("/files/ok", "PUT", content=b"still well")

    eventually(lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) > first)
    eventually(lambda: _checks(switched)[0]["output"] == "still well")

    assert _checks(switched)[0]["updated_at"] == first


def test_a_hanging_machine_fails_by_its_timeout(fleet):
    machine = fleet.started(config=_service(timeout="100ms"))
    _becomes(machine, "passing")

    machine.post("signal", {"signal": 19})

    _becomes(machine, "critical")
    assert _checks(machine)[0]["output"] == "timed out after 0.1s"


def test_after_the_first_pass_a_check_keeps_to_its_interval(fleet):
    machine = fleet.started(config=_service(path="/", interval="1h"))
    _becomes(machine, "passing")

    time.sleep(0.3)

    assert machine.guest().json()["counter"] == 1


def test_method_and_headers_are_sent(fleet):
    check = {
        "path": "/headers",
        "method": "post",
        "headers": [{"name": "X-Probe", "values": ["one"]}],
    }
    machine = fleet.started(config=_service(**check))

    _becomes(machine, "passing")

    assert json.loads(_checks(machine)[0]["output"])["x-probe"] == "one"


def test_an_answer_that_is_no_http_is_critical(fleet):
    script = (
        "import os, socket\n"
        "server = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))\n"
        "while True: server.accept()[0].sendall(b'hello\\r\\n\\r\\n')\n"
    )
    config = {**_service(grace_period="0s"), "init": {"exec": ["python3", "-c", script]}}

    machine = fleet.started(config=config)

    _becomes(machine, "critical")


@pytest.mark.parametrize(("verb", "state"), [("stop", "stopped"), ("suspend", "suspended")])
def test_a_machine_that_does_not_run_says_so_and_is_well_again_afterwards(fleet, verb, state):
    machine = fleet.started(config=_service(interval="1h"))
    _becomes(machine, "passing")

    machine.do(verb, state)

    (check,) = _checks(machine)
    assert (check["status"], check["output"]) == ("warning", "the machine hasn't started")
    machine.do("start", "started")
    _becomes(machine, "passing")


def test_a_created_machine_shows_what_will_be_checked(fleet):
    machine = fleet.machine(config=_service())

    assert [check["status"] for check in machine.body["checks"]] == ["warning"]


def test_an_update_brings_its_own_checks(fleet):
    machine = fleet.started(config=_service())
    config = {"image": "workspace:2", "checks": {"tcp": {"type": "tcp"}}}

    updated = machine.http.post(machine.path, json={"config": config}).json()
    machine.wait("started", version=updated["instance_id"])

    _becomes(machine, "passing")
    assert [check["name"] for check in _checks(machine)] == ["tcp"]


def test_a_machine_without_checks_has_none(fleet):
    assert fleet.started().show()["checks"] == []


def test_a_summary_leaves_the_checks_out(fleet, http):
    machine = fleet.machine(config=_service(), skip_launch=True)

    (row,) = http.get(f"/v1/apps/{machine.app}/machines", params={"summary": "true"}).json()

    assert "checks" not in row


@pytest.mark.parametrize(
    "config",
    [_service(interval="soon"), _service(port="8080"), {"checks": ["disk"]}, {"services": {}}],
    ids=["duration", "port", "list of checks", "object of services"],
)
def test_a_check_that_cannot_be_understood_is_refused(fleet, config):
    refusal = fleet.create(fleet.app(), config)

    assert refusal.status_code == 400
    assert refusal.json()["error"].startswith("invalid_argument: invalid ")


def test_an_import_with_such_a_check_is_refused_too(fleet, http):
    config = {"image": "workspace:1", **_service(timeout="later")}
    row = {"app_name": fleet.app(), "id": "bb000000000001", "config": config}

    assert http.post("/_local/import", json={"machines": [row]}).status_code == 400


def test_on_paper_what_is_started_is_passing(tmp_path):
    with local_fly(tmp_path, simulated=True) as server, client_of(server) as http:
        machine = Fleet(http, server.org).started(config=_service())

        assert _status(machine) == "passing"
        machine.do("stop", "stopped")
        assert _status(machine) == "warning"
