import time
from datetime import timedelta

import pytest

from jarvis_admin.fly import FlyClient
from jarvis_admin.fly.errors import Deadline, FlyNotFound, Unreachable, WrongState
from tests.fly.replay import Answer

PATIENCE = timedelta(seconds=10)
LATE = Answer(408, {"error": "deadline_exceeded: machine failed to reach desired state, started"})


def test_a_machine_is_stopped_and_started(live, app, machine):
    live.machines.stop(app, machine.id, signal="SIGTERM", timeout=timedelta(seconds=5))
    assert live.machines.wait(app, machine.id, "stopped", PATIENCE).state == "stopped"

    started = live.machines.start(app, machine.id)
    assert started.previous_state == "stopped"
    assert not started.migrated
    live.machines.wait(app, machine.id, ["started"], PATIENCE)


def test_a_machine_is_suspended_and_resumed(live, app, machine):
    live.machines.suspend(app, machine.id)
    live.machines.wait(app, machine.id, "suspended", PATIENCE)

    assert live.machines.start(app, machine.id).previous_state == "suspended"


def test_a_machine_is_restarted(live, app, machine):
    live.machines.restart(app, machine.id, timeout=timedelta(seconds=5), force=True)

    live.machines.wait(app, machine.id, "started", PATIENCE)
    kinds = [event.kind for event in live.machines.events(app, machine.id)]
    assert "restart" in kinds


def test_a_signal_reaches_the_program(live, app, machine):
    live.machines.signal(app, machine.id, "SIGTERM")

    live.machines.wait(app, machine.id, "stopped", PATIENCE)


def test_a_machine_is_taken_out_of_routing_and_put_back(live, app, machine):
    live.machines.cordon(app, machine.id)
    assert live.machines.get(app, machine.id).cordoned

    live.machines.uncordon(app, machine.id)
    assert not live.machines.get(app, machine.id).cordoned


def test_a_start_that_is_too_early_is_a_wrong_state(fly, replay):
    replay.plays(Answer(412, {"error": "failed_precondition: machine still active"}))

    with pytest.raises(WrongState):
        fly.machines.start("a", "m")


def test_a_start_that_answers_nothing_is_fine(fly, replay):
    replay.plays(Answer(200, None))

    assert fly.machines.start("a", "m").previous_state == ""


def test_a_wait_ends_at_its_deadline(live, app, machine):
    begun = time.monotonic()

    with pytest.raises(Deadline) as caught:
        live.machines.wait(app, machine.id, "suspended", timedelta(seconds=1))

    assert 1 <= time.monotonic() - begun < 3
    assert "currently started" in str(caught.value)


def test_a_wait_for_a_destroyed_machine_that_is_gone_has_reached_it(fly, replay):
    replay.plays(Answer(404, {"error": "machine not found"}))

    assert fly.machines.wait("a", "m", ["stopped", "destroyed"], PATIENCE).state == "destroyed"


def test_any_other_wait_for_a_machine_that_is_gone_says_so(fly, replay):
    replay.plays(Answer(404, {"error": "machine not found"}))

    with pytest.raises(FlyNotFound):
        fly.machines.wait("a", "m", "started", PATIENCE)


def test_a_long_wait_is_made_of_waits_of_a_minute(replay, clock):
    replay.plays(LATE)

    def a_minute_passes(*_: object) -> None:
        clock.now += 60

    with (
        FlyClient(
            replay.url, "t", "o", observe=a_minute_passes, clock=clock, sleep=clock.sleep
        ) as fly,
        pytest.raises(Deadline),
    ):
        fly.machines.wait("a", "m", "started", timedelta(seconds=150))

    assert [dict(asked.query)["timeout"] for asked in replay.asked] == ["60", "60", "30"]


def test_a_wait_names_its_states_and_its_version(fly, replay):
    replay.plays(Answer(200, {"ok": True, "state": "stopped", "version": "v", "event_id": "e"}))

    reached = fly.machines.wait("a", "m", ("started", "stopped"), PATIENCE, version="v")

    assert replay.asked[0].query == [
        ("timeout", "10"),
        ("version", "v"),
        ("state", "started"),
        ("state", "stopped"),
    ]
    assert (reached.state, reached.version, reached.event_id) == ("stopped", "v", "e")


def test_a_wait_that_meets_a_silent_fly_is_not_repeated(replay, clock):
    replay.plays(Answer(503))

    def half_a_minute_passes(*_: object) -> None:
        clock.now += 30

    with (
        FlyClient(
            replay.url, "t", "o", observe=half_a_minute_passes, clock=clock, sleep=clock.sleep
        ) as fly,
        pytest.raises(Unreachable),
    ):
        fly.machines.wait("a", "m", "started", timedelta(seconds=150))

    assert len(replay.asked) == 1


def test_the_client_is_more_patient_than_the_server(fly, replay):
    replay.plays(Answer(200, {"state": "started"}, delay=2.3))  # the client's own time-out is 2 s

    assert fly.machines.wait("a", "m", "started", timedelta(seconds=1)).state == "started"
