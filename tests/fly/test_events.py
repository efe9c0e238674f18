"""Events in every form that Fly has written them."""

from datetime import UTC, datetime

import pytest

from tests.fly.replay import Answer

EXITED = {
    "requested_stop": True,
    "restarting": False,
    "guest_exit_code": 0,
    "guest_signal": -1,
    "guest_error": "",
    "exit_code": 0,
    "signal": -1,
    "error": "",
    "oom_killed": False,
    "exited_at": "2026-11-23T14:12:08.614Z",
}
TIMESTAMP = datetime(2026, 11, 23, 14, 12, 9, 23000, tzinfo=UTC)
EXITED_AT = datetime(2026, 11, 23, 14, 12, 8, 614000, tzinfo=UTC)


def event(**other: object) -> dict[str, object]:
    return {
        "id": "01KAQ9GZ7K2R5V8B4W1T6Y9S3H",
        "type": "exit",
        "status": "stopped",
        "source": "flyd",
        "timestamp": 1795443129023,
        **other,
    }


def only_event(fly, replay, raw):
    replay.plays(Answer(200, [raw]))
    (found,) = fly.machines.events("a", "m")
    return found


@pytest.mark.parametrize(
    "request_body",
    [
        {"exit_event": EXITED, "restart_count": 0},
        {"exit_event": {**EXITED, "exited_at": 1795443128614}},
        {"MonitorEvent": {"exit_event": EXITED}},
        {"MonitorEvent": {"exit_event": {**EXITED, "exited_at": "2026-11-23T15:12:08.614+01:00"}}},
        {"exit_event": {**EXITED, "exited_at": "2026-11-23T14:12:08.614000123Z"}},
    ],
    ids=["today", "epoch ms", "nested", "nested with offset", "nanoseconds"],
)
def test_an_exit_happened_when_the_program_ended(fly, replay, request_body):
    found = only_event(fly, replay, event(request=request_body))

    assert found.at == EXITED_AT
    assert found.at.utcoffset().total_seconds() == 0
    assert found.exit.requested_stop


@pytest.mark.parametrize(
    "request_body",
    [
        None,
        {},
        {"reason": ""},
        {"exit_event": None},
        {"MonitorEvent": None},
        {"exit_event": {**EXITED, "exited_at": None}},
        {"exit_event": {**EXITED, "exited_at": "0001-01-01T00:00:00Z"}},
        {"exit_event": {**EXITED, "exited_at": "yesterday"}},
        {"exit_event": {**EXITED, "exited_at": 10**30}},
    ],
)
def test_an_event_without_a_better_time_happened_at_its_timestamp(fly, replay, request_body):
    assert only_event(fly, replay, event(request=request_body)).at == TIMESTAMP


def test_a_missing_request_is_an_empty_one(fly, replay):
    found = only_event(fly, replay, event())

    assert found.request == {}
    assert found.exit is None
    assert found.restart_count == 0


def test_a_timestamp_may_be_a_text(fly, replay):
    found = only_event(fly, replay, event(timestamp="2026-11-23T14:12:09.023Z"))

    assert found.at == TIMESTAMP


def test_a_crash_tells_how_often_and_why(fly, replay):
    crash = {**EXITED, "restarting": True, "guest_exit_code": 137, "oom_killed": True}
    found = only_event(fly, replay, event(request={"exit_event": crash, "restart_count": 2}))

    assert found.restart_count == 2
    assert found.exit.oom_killed
    assert found.exit.restarting
    assert found.exit.guest_exit_code == 137


def test_kind_status_and_source_are_fly_s_words(fly, replay):
    found = only_event(fly, replay, event(type="suspend", status="suspending", source="proxy"))

    assert (found.kind, found.status, found.source) == ("suspend", "suspending", "proxy")
