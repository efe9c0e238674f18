"""A machine whose host is down: still listed, but it takes no orders."""

import pytest

ORDERS = {
    "start": None,
    "stop": None,
    "suspend": None,
    "restart": None,
    "cordon": None,
    "uncordon": None,
    "lease": {"ttl": 10},
    "signal": {"signal": "SIGTERM"},
    "exec": {"command": ["true"]},
    "metadata/role": {"value": "router"},
}


@pytest.fixture
def lost(fleet, faults):
    """A started machine that cannot be reached any more."""
    config = {"env": {"SECRET": "x"}, "metadata": {"role": "devbox"}}
    machine = fleet.started(config=config)
    machine.http.put("/_local/faults", json={"unreachable_machines": [machine.id]})
    return machine


def test_it_is_shown_without_its_config(lost):
    shown = lost.show()

    assert shown["host_status"] == "unreachable"
    assert shown["config"] is None
    assert shown["state"] == "started"
    assert shown["incomplete_config"] == {
        "image": "workspace:1",
        "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256},
        "metadata": {"role": "devbox"},
    }


def test_only_its_own_row_of_the_list_is_without_a_config(lost, fleet, http):
    fleet.machine(lost.app, skip_launch=True)

    rows = http.get(f"/v1/apps/{lost.app}/machines").json()

    assert [row["host_status"] for row in rows] == ["unreachable", "ok"]
    assert [row["config"] is None for row in rows] == [True, False]
    assert "incomplete_config" not in rows[1]


def test_the_organization_s_list_knows_nothing_of_hosts(lost, fleet, http):
    rows = http.get(f"/v1/orgs/{fleet.org}/machines").json()["machines"]

    (row,) = [row for row in rows if row["id"] == lost.id]
    assert row["config"]["image"] == "workspace:1"


def test_every_order_is_answered_with_503(lost):
    for verb, body in ORDERS.items():
        refusal = lost.post(verb, body)

        assert refusal.status_code == 503, verb
        assert refusal.json() == {"error": "host unreachable"}


def test_updates_and_destroys_are_too(lost):
    update = lost.http.post(lost.path, json={"config": {"image": "workspace:2"}})

    assert update.status_code == 503
    assert lost.delete(force="true").status_code == 503


def test_what_it_went_through_can_still_be_read(lost):
    assert lost.http.get(f"{lost.path}/events").status_code == 200
    assert lost.http.get(f"{lost.path}/metadata").json() == {"role": "devbox"}


def test_when_its_host_is_back_everything_is_as_it_was(lost, faults):
    pid = lost.address()["pid"]
    faults.set_faults()

    shown = lost.show()

    assert shown["host_status"] == "ok"
    assert shown["config"]["env"] == {"SECRET": "x"}
    assert "incomplete_config" not in shown
    assert lost.address()["pid"] == pid
    assert lost.do("stop", "stopped").state == "stopped"
