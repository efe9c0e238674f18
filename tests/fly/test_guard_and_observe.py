import pytest

from jarvis_admin.fly import FlyClient, Pacing
from jarvis_admin.fly.errors import FlyNotFound
from tests.fly.replay import Answer


class Fenced(Exception):
    pass


def refuse() -> None:
    raise Fenced


def test_the_guard_stops_every_request_that_changes_something(fly, replay):
    fly = fly.guarded(refuse)
    changes = [
        lambda: fly.apps.create("a"),
        lambda: fly.apps.delete("a"),
        lambda: fly.machines.start("a", "m"),
        lambda: fly.machines.patch_metadata("a", "m", {"k": "v"}),
        lambda: fly.volumes.extend("a", "v", 20),
        lambda: fly.secrets.set_many("a", {"K": "v"}),
        lambda: fly.machines.exec("a", "m", ["true"]),
    ]

    for change in changes:
        with pytest.raises(Fenced):
            change()

    assert replay.asked == []


def test_the_guard_lets_reads_pass(fly, replay):
    replay.plays(Answer(200, []))

    assert fly.guarded(refuse).machines.list("a") == ()


def test_a_simulation_is_no_change_though_it_is_posted(fly, replay):
    replay.plays(Answer(200, {"Regions": []}))

    assert fly.guarded(refuse).platform.placements("iad") == ()


def test_the_guard_is_asked_again_before_every_try(fly, replay):
    asked = []
    replay.plays(Answer(429), Answer(200, {}))

    fly.guarded(lambda: asked.append(len(replay.asked))).machines.start("a", "m")

    assert asked == [0, 1]


def test_a_guarded_client_leaves_the_first_one_as_it_was(fly, replay):
    fly.guarded(refuse)
    replay.plays(Answer(200, {}))

    fly.machines.start("a", "m")

    assert len(replay.asked) == 1


def test_a_guard_given_to_the_client_counts(replay):
    with FlyClient(replay.url, "t", "o", guard=refuse) as fly, pytest.raises(Fenced):
        fly.apps.delete("a")


def test_every_try_is_observed(replay, clock):
    seen = []
    replay.plays(Answer(503), Answer(200, []), Answer(404))

    with FlyClient(
        replay.url,
        "t",
        "o",
        observe=lambda *facts: seen.append(facts),
        pacing=Pacing(speed=1000),
        sleep=clock.sleep,
    ) as fly:
        fly.machines.list("a")
        with pytest.raises(FlyNotFound):
            fly.machines.start("a", "m")

    assert [facts[:2] for facts in seen] == [
        ("machines.list", "Unreachable"),
        ("machines.list", "ok"),
        ("machines.start", "FlyNotFound"),
    ]
    assert all(0 < seconds < 5 for *_, seconds in seen)
