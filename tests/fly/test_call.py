from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.fly import FlyClient
from jarvis_admin.fly.call import duration, path, query
from tests.fly.replay import Answer


def test_a_path_quotes_its_parts():
    assert path("apps", "a/b", "x y?") == "/v1/apps/a%2Fb/x%20y%3F"


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_a_path_never_names_the_collection_by_accident(part):
    with pytest.raises(ValueError, match="cannot be a path"):
        path("apps", part)


def test_quoted_parts_arrive_as_they_are(fly, replay):
    replay.plays(Answer(200, None))

    fly.machines.set_metadata("a", "m", "k/é", "v")

    assert replay.asked[0].path == "/v1/apps/a/machines/m/metadata/k%2F%C3%A9"


def test_a_query_leaves_out_what_was_not_given():
    moment = datetime(2026, 11, 23, 14, tzinfo=UTC)

    found = query(a=None, b="", c=False, d=True, e=5, f=moment)

    assert found == (("d", "true"), ("e", "5"), ("f", "2026-11-23T14:00:00Z"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(timedelta(seconds=30), "30s"), (timedelta(seconds=1.5), "1500ms"), (timedelta(), "0s")],
)
def test_durations_are_written_as_go_reads_them(value, text):
    assert duration(value) == text


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/"])
def test_the_base_url_may_end_in_many_ways(replay, tail):
    replay.plays(Answer(200, []))

    with FlyClient(replay.url + tail, "t", "o") as fly:
        fly.machines.list("a")

    assert replay.asked[0].path == "/v1/apps/a/machines"
