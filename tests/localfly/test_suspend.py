"""Suspend keeps the memory; a boot does not."""

import subprocess

import pytest


def test_a_resumed_machine_remembers(fleet):
    machine = fleet.started()
    machine.guest("/")
    before = machine.guest().json()

    machine.do("suspend", "suspended").do("start", "started")

    after = machine.guest().json()
    assert after["boot_id"] == before["boot_id"]
    assert after["counter"] == 1
    assert machine.events()[3:] == [
        ("suspend", "suspending", "user"),
        ("suspend", "suspended", "flyd"),
        ("start", "starting", "user"),
        ("start", "started", "flyd"),
    ]


def test_a_stopped_machine_forgets(fleet):
    machine = fleet.started()
    machine.guest("/")

    machine.do("stop", "stopped").do("start", "started")

    assert machine.guest().json()["counter"] == 0


def test_stopping_a_suspended_machine_drops_its_memory(fleet):
    machine = fleet.started()
    before = machine.guest().json()["boot_id"]

    machine.do("suspend", "suspended").do("stop", "stopped")

    assert machine.address()["pid"] is None
    assert machine.do("start", "started").guest().json()["boot_id"] != before


def test_a_suspended_machine_does_not_run(fleet):
    machine = fleet.started()
    machine.guest()
    machine.do("suspend", "suspended")

    assert machine.post("exec", {"command": ["true"]}).status_code == 412
    pid = str(machine.address()["pid"])
    ps = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True)
    assert ps.stdout.startswith("T")


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"guest": {"cpu_kind": "shared", "cpus": 2, "memory_mb": 4096}}, "memory exceeds 2048MB"),
        ({"init": {"swap_size_mb": 512}}, "swap is enabled"),
        ({"schedule": "daily"}, "it has a schedule"),
    ],
    ids=["memory", "swap", "schedule"],
)
def test_a_machine_that_is_not_eligible_stays_started(fleet, config, reason):
    machine = fleet.started(config=config)

    refusal = machine.post("suspend")

    assert refusal.status_code == 412
    assert refusal.json()["error"].endswith(f"machine cannot be suspended: {reason}")
    assert machine.state == "started"
