"""Read, change, write back, under a lease."""

from datetime import timedelta

import pytest

from jarvis_admin.fly.errors import FlyNotFound, LeaseHeld, WrongState
from tests.fly.conftest import config
from tests.fly.replay import Answer

PATIENCE = timedelta(seconds=10)
LEASE = Answer(201, {"status": "success", "data": {"nonce": "5c35f65c9f95"}})
SHOWN = {
    "id": "m",
    "state": "stopped",
    "region": "iad",
    "instance_id": "01KAQ5",
    "created_at": "2026-11-20T09:14:02Z",
    "updated_at": "2026-11-20T09:14:02Z",
    "host_status": "ok",
    "config": {
        "image": "i",
        "of_tomorrow": {"deep": [1, None]},
        "services": [{"autostop": "suspend", "force_instance_key": None}],
    },
}


def bigger(raw) -> None:
    raw["guest"] = {"cpu_kind": "shared", "cpus": 2, "memory_mb": 1024}


def test_a_change_leaves_the_rest_of_the_config_alone(live, app, machine):
    live.machines.modify(app, machine.id, bigger)

    found = live.machines.get(app, machine.id).config
    assert found.guest.memory_mb == 1024
    assert found.image == machine.config.image
    assert found.metadata == machine.config.metadata


def test_the_lease_is_released_afterwards(live, app, machine):
    live.machines.modify(app, machine.id, bigger)

    with pytest.raises(FlyNotFound):
        live.machines.get_lease(app, machine.id)


def test_the_lease_is_released_when_the_change_fails(live, app, machine):
    def fail(raw) -> None:
        raise KeyError("mounts")

    with pytest.raises(KeyError):
        live.machines.modify(app, machine.id, fail)

    assert live.machines.get(app, machine.id).instance_id == machine.instance_id
    with pytest.raises(FlyNotFound):
        live.machines.get_lease(app, machine.id)


def test_a_leased_machine_is_left_alone(live, app, machine):
    with live.machines.leased(app, machine.id), pytest.raises(LeaseHeld):
        live.machines.modify(app, machine.id, bigger)


def test_a_sleeping_machine_stays_asleep(live, app):
    made = live.machines.create(app, name="spare", config=config(), skip_launch=True)
    live.machines.wait(app, made.id, "stopped", PATIENCE)

    changed = live.machines.modify(app, made.id, bigger)
    live.machines.wait(app, made.id, "settled", PATIENCE, version=changed.instance_id)

    assert live.machines.get(app, made.id).state == "stopped"


def test_a_sleeping_machine_starts_if_asked_to(live, app):
    made = live.machines.create(app, name="spare", config=config(), skip_launch=True)
    live.machines.wait(app, made.id, "stopped", PATIENCE)

    live.machines.modify(app, made.id, bigger, skip_launch=False)

    live.machines.wait(app, made.id, "started", PATIENCE)


def test_unknown_keys_and_nulls_are_written_back_as_they_came(fly, replay):
    replay.plays(LEASE, Answer(200, SHOWN), Answer(200, SHOWN))

    fly.machines.modify("a", "m", bigger, ttl=30)

    lease, _, update, release = replay.asked
    assert lease.query == [("ttl", "30")]
    assert update.body == {
        "config": {
            "image": "i",
            "of_tomorrow": {"deep": [1, None]},
            "services": [{"autostop": "suspend", "force_instance_key": None}],
            "guest": {"cpu_kind": "shared", "cpus": 2, "memory_mb": 1024},
        },
        "current_version": "01KAQ5",
        "skip_launch": True,
    }
    assert update.headers["fly-machine-lease-nonce"] == "5c35f65c9f95"
    assert (release.method, release.headers["fly-machine-lease-nonce"]) == (
        "DELETE",
        "5c35f65c9f95",
    )


@pytest.mark.parametrize(
    "shown",
    [
        {"config": None, "host_status": "unreachable", "incomplete_config": {"image": "i"}},
        {"config": None},
        {"host_status": "unknown"},
    ],
)
def test_nothing_is_written_when_there_is_no_whole_config(fly, replay, shown):
    replay.plays(LEASE, Answer(200, {**SHOWN, **shown}), Answer(200, {}))

    with pytest.raises(WrongState, match="its config cannot be read"):
        fly.machines.modify("a", "m", bigger)

    assert [asked.method for asked in replay.asked] == ["POST", "GET", "DELETE"]


def test_a_release_that_fails_does_not_hide_the_outcome(fly, replay):
    replay.plays(LEASE, Answer(200, SHOWN), Answer(200, SHOWN), Answer(404, {"error": "no lease"}))

    assert fly.machines.modify("a", "m", bigger).id == "m"
