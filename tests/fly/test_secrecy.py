"""The token and the values of secrets leave through the request and nowhere else."""

import logging
import pickle
import traceback

import pytest

from jarvis_admin.fly.errors import FlyError
from tests.fly.conftest import TOKEN
from tests.fly.replay import Answer

VALUE = "replay-psk-9f1c"


def test_the_token_is_sent_as_its_kind_demands(fly, replay):
    replay.plays(Answer(200, []))

    fly.machines.list("a")

    assert replay.asked[0].headers["authorization"] == f"FlyV1 {TOKEN}"


def test_no_repr_shows_the_token(fly):
    for thing in (fly, fly.machines, fly.apps, fly.org, fly.wire, fly.wire.http.headers):
        assert TOKEN not in repr(thing)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, {"error": f"bad header FlyV1 {TOKEN}"}),
        Answer(400, f"plain {TOKEN} text".encode()),
        Answer(503, {"error": TOKEN}),
        Answer(200, b"not json"),
        Answer(hang_up=True),
    ],
    ids=["error", "text", "5xx", "garbled", "hang-up"],
)
def test_no_error_repeats_the_token(fly, replay, answer):
    replay.plays(answer)

    with pytest.raises(FlyError) as caught:
        fly.machines.get("a", "m")

    error = caught.value
    assert TOKEN not in str(error) + repr(error) + "".join(traceback.format_exception(error))
    assert TOKEN.encode() not in pickle.dumps(error)


def test_no_log_shows_the_token_or_a_secret(fly, replay, caplog):
    replay.plays(Answer(200, {"version": 1}), Answer(500, {"error": VALUE}))

    with caplog.at_level(logging.DEBUG):
        fly.secrets.set_many("a", {"REPLAY_PSK": VALUE})
        with pytest.raises(FlyError):
            fly.secrets.set_many("a", {"REPLAY_PSK": VALUE})

    assert caplog.text
    assert TOKEN not in caplog.text
    assert VALUE not in caplog.text


def test_no_error_repeats_the_value_of_a_secret(fly, replay):
    replay.plays(Answer(422, {"error": f"value {VALUE} is too short"}))

    with pytest.raises(FlyError) as caught:
        fly.secrets.set_many("a", {"REPLAY_PSK": VALUE, "OLD": None})

    error = caught.value
    assert error.detail == "value ••• is too short"
    assert VALUE not in repr(error) + "".join(traceback.format_exception(error))


def test_a_listed_secret_has_no_value_even_if_fly_sends_one(fly, replay):
    replay.plays(Answer(200, {"secrets": [{"name": "K", "digest": "d", "value": VALUE}]}))

    (secret,) = fly.secrets.list("a")

    assert VALUE not in repr(secret)
    assert secret.name == "K"


def test_the_repr_of_a_machine_keeps_its_env_to_itself(fly, replay):
    times = {"created_at": "2026-11-20T09:14:02Z", "updated_at": "2026-11-20T09:14:02Z"}
    config = {"image": "img", "env": {"K": VALUE}}
    body = {"id": "m", "state": "started", "region": "iad", "config": config, **times}
    replay.plays(Answer(200, body))

    machine = fly.machines.get("a", "m")

    assert VALUE not in repr(machine)
    assert machine.config["env"]["K"] == VALUE
