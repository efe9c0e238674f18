import pytest

from tests.fly.replay import Answer


def test_secrets_are_set_listed_and_deleted(live, app):
    first = live.secrets.set_many(app, {"REPLAY_PSK": "x", "OLD": "y"})
    second = live.secrets.set_many(app, {"OLD": None})
    names = [secret.name for secret in live.secrets.list(app)]
    third = live.secrets.delete(app, "REPLAY_PSK")

    assert first < second < third
    assert names == ["REPLAY_PSK"]
    assert live.secrets.list(app) == ()


@pytest.mark.parametrize("body", [{"version": 18, "Version": 18}, {"Version": 18}, {"version": 18}])
def test_the_version_is_read_in_either_spelling(fly, replay, body):
    replay.plays(Answer(200, body))

    assert fly.secrets.set_many("a", {"K": "v"}) == 18


def test_no_secrets_may_be_null(fly, replay):
    replay.plays(Answer(200, {"secrets": None}))

    assert fly.secrets.list("a") == ()
