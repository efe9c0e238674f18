"""What is sent again, what never is, and what that costs in time."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from jarvis_admin.fly import FlyClient
from jarvis_admin.fly.errors import FlyError, RateLimited, Unreachable
from jarvis_admin.fly.refusals import retry_after
from tests.fly.replay import Answer

APP = {"id": "z4k69dxd8r31p5mx", "name": "mj-u-7f3k2q"}
HANG_UP = Answer(hang_up=True)
SLOW = Answer(200, APP, delay=0.5)
TOO_MANY = Answer(429, {"error": "rate limit exceeded"}, {"retry-after": "2"})


@pytest.mark.parametrize("failure", [Answer(503), Answer(500), HANG_UP, TOO_MANY])
def test_a_read_is_sent_again(fly, replay, failure):
    replay.plays(failure, failure, Answer(200, APP))

    assert fly.apps.get("mj-u-7f3k2q").id == "z4k69dxd8r31p5mx"

    assert len(replay.asked) == 3


def test_a_read_is_given_up_after_three_tries(fly, replay):
    replay.plays(Answer(503))

    with pytest.raises(Unreachable) as caught:
        fly.apps.get("mj-u-7f3k2q")

    assert len(replay.asked) == 3
    assert not caught.value.ambiguous


def test_a_read_that_times_out_is_sent_again(replay, clock):
    replay.plays(SLOW, Answer(200, APP))
    short = timedelta(seconds=0.2)

    with FlyClient(replay.url, "t", "o", timeout=short, clock=clock, sleep=clock.sleep) as fly:
        fly.apps.get("mj-u-7f3k2q")

    assert len(replay.asked) == 2


def test_pauses_are_random_under_a_ceiling_that_doubles(fly, replay, clock):
    replay.plays(Answer(503))

    for number in range(20):
        with pytest.raises(Unreachable):
            fly.apps.get(f"mj-{number}")

    assert len(set(clock.naps)) > 30
    assert max(clock.naps[::2]) <= 0.2
    assert max(clock.naps[1::2]) <= 0.4


@pytest.mark.parametrize("status", [400, 404, 409, 412, 422])
def test_a_refusal_is_final(fly, replay, status):
    replay.plays(Answer(status, {"error": "no"}))

    with pytest.raises(FlyError):
        fly.apps.get("mj-u-7f3k2q")

    assert len(replay.asked) == 1


@pytest.mark.parametrize("failure", [Answer(503), Answer(500), HANG_UP])
def test_a_write_that_may_have_arrived_is_never_sent_again(fly, replay, failure):
    replay.plays(failure)

    with pytest.raises(Unreachable) as caught:
        fly.machines.create("a", name="devbox", config={})

    assert len(replay.asked) == 1
    assert caught.value.ambiguous
    assert "may have been done" in str(caught.value)


def test_a_write_that_times_out_is_never_sent_again(replay, clock):
    replay.plays(SLOW)
    short = timedelta(seconds=0.2)

    with (
        FlyClient(replay.url, "t", "o", timeout=short, clock=clock, sleep=clock.sleep) as fly,
        pytest.raises(Unreachable) as caught,
    ):
        fly.machines.start("a", "m")

    assert len(replay.asked) == 1
    assert caught.value.ambiguous


def test_a_write_that_met_a_429_is_sent_again_after_the_time_fly_asked_for(fly, replay, clock):
    replay.plays(TOO_MANY, Answer(200, {"previous_state": "stopped"}))

    fly.machines.start("a", "m")

    assert len(replay.asked) == 2
    assert clock.naps == [pytest.approx(2)]


def test_a_429_that_names_no_time_waits_a_second(fly, replay, clock):
    replay.plays(Answer(429), Answer(200, {}))

    fly.machines.start("a", "m")

    assert clock.naps == [pytest.approx(1)]


def test_a_429_that_asks_for_too_long_is_handed_on_and_silences_the_others(fly, replay):
    replay.plays(Answer(429, None, {"retry-after": "3600"}))

    with pytest.raises(RateLimited) as first:
        fly.machines.start("a", "m")
    with pytest.raises(RateLimited):
        fly.machines.start("a", "m")

    assert first.value.retry_after == timedelta(hours=1)
    assert str(first.value).endswith("it wants 3600 s of quiet.")
    assert len(replay.asked) == 1


def test_a_write_that_never_left_is_tried_again_and_not_ambiguous(clock):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        seen = []
        fly = FlyClient(
            url,
            "t",
            "o",
            clock=clock,
            sleep=clock.sleep,
            observe=lambda action, outcome, _: seen.append((action, outcome)),
        )

        with fly, pytest.raises(Unreachable) as caught:
            fly.machines.start("a", "m")

    assert seen == [("machines.start", "Unreachable")] * 3
    assert not caught.value.ambiguous


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("1.5", timedelta(seconds=1.5)),
        ("-3", timedelta()),
        ("9" * 40, None),
        ("Mon, 23 Nov 2020 14:00:00 GMT", timedelta()),
    ],
)
def test_retry_after_is_read_in_both_forms(header, expected):
    assert retry_after(header) == expected


def test_retry_after_may_be_a_date_to_come():
    soon = datetime.now(UTC) + timedelta(minutes=1)

    found = retry_after(format_datetime(soon, usegmt=True))

    assert found is not None
    assert timedelta(seconds=55) < found <= timedelta(seconds=60)
