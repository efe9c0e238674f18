"""The client of Fly's Prometheus: over real counters of Local Fly, and against odd answers."""

import logging
import pickle
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from jarvis_admin.fly import FlyClient, MetricsClient, Pacing
from jarvis_admin.fly.errors import (
    FlyError,
    Garbled,
    RateLimited,
    Refused,
    Unauthorised,
    Unreachable,
)
from jarvis_admin.fly.local import LocalExtras
from jarvis_admin.fly.metrics import default_url
from jarvis_admin.fly.types import Machine, Point, Volume, VolumeUse
from localfly.testing import LocalFly, local_fly
from tests.fly.conftest import TOKEN, config
from tests.fly.replay import Answer, Replay

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MB = 1_000_000
SENT = "fly_instance_net_sent_bytes"


@pytest.fixture
def metrics(cloud: LocalFly) -> Iterator[MetricsClient]:
    url = default_url(cloud.url, cloud.org)
    with MetricsClient(url, cloud.token, cloud.org, pacing=Pacing(speed=1000)) as client:
        yield client


@pytest.fixture
def recorded(replay: Replay, clock) -> Iterator[MetricsClient]:
    """Talks to recorded answers; no pause lasts."""
    with MetricsClient(
        f"{replay.url}/prometheus/my-jarvis",
        TOKEN,
        "my-jarvis",
        timeout=timedelta(seconds=0.3),
        clock=clock,
        sleep=clock.sleep,
    ) as client:
        yield client


@pytest.fixture
def asleep(live: FlyClient, app: str) -> Machine:
    """A machine that never ran: it has the samples that a test gives it."""
    return live.machines.create(app, name="devbox", config=config(), skip_launch=True)


def remember(live: FlyClient, machine: Machine, *values: float, metric: str = SENT, **more) -> None:
    """One value a minute, the last of them at noon."""
    start = NOON.timestamp() - 60 * (len(values) - 1)
    samples = [[start + 60 * index, value] for index, value in enumerate(values)]
    row = {"metric": metric, "instance": machine.id, "samples": samples, "labels": more}
    LocalExtras(live).set_history(row)


def eventually(seen: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not seen():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def test_a_query_gives_series_with_their_labels(live, metrics, asleep):
    remember(live, asleep, 100, 250)

    (series,) = metrics.query(f'{SENT}{{instance="{asleep.id}"}}', NOON)

    assert series.labels["__name__"] == SENT
    assert series.labels["instance"] == asleep.id
    assert series.points == (Point(NOON, 250.0),)
    assert series.last == 250


def test_a_number_is_a_series_without_labels(metrics):
    (series,) = metrics.query("6 * 7", NOON)

    assert (series.labels, series.last) == ({}, 42)


def test_a_range_gives_a_point_each_step(live, metrics, asleep):
    remember(live, asleep, 1, 2, 3, 4)
    mine = f'{SENT}{{instance="{asleep.id}"}}'
    minute = timedelta(minutes=1)

    (series,) = metrics.query_range(mine, NOON - 3 * minute, NOON, minute)

    assert series.points == tuple(Point(NOON - (4 - n) * minute, n) for n in (1, 2, 3, 4))


def test_nothing_found_is_nothing(metrics):
    assert metrics.query("no_such_metric") == ()


def test_sent_bytes_are_the_newest_counters(live, metrics, asleep):
    remember(live, asleep, 500, 900)

    assert metrics.sent_bytes(NOON)[asleep.id] == 900
    assert metrics.sent_bytes(NOON + timedelta(minutes=14))[asleep.id] == 900
    assert asleep.id not in metrics.sent_bytes(NOON + timedelta(minutes=16))


def test_a_machine_that_moved_has_its_higher_counter(live, metrics, asleep):
    remember(live, asleep, 900)
    remember(live, asleep, 20, host="0ther")

    assert metrics.sent_bytes(NOON)[asleep.id] == 900


def test_cpu_seconds_leave_idle_time_out_and_join_the_cpus(live, metrics, asleep):
    for cpu, mode, centiseconds in (("0", "user", 300), ("1", "system", 50), ("0", "idle", 9000)):
        remember(live, asleep, centiseconds, metric="fly_instance_cpu", cpu_id=cpu, mode=mode)

    assert metrics.cpu_seconds(NOON)[asleep.id] == 3.5


def test_volume_use_is_size_and_percentage(live, metrics, volume: Volume):
    gib = 1024**3
    rows = (("fly_volume_size_bytes", 10 * gib), ("fly_volume_used_pct", 25))
    for metric, value in rows:
        samples = [[NOON.timestamp(), value]]
        row = {"metric": metric, "volume": volume.id, "samples": samples}
        LocalExtras(live).set_history(row)

    use = metrics.volume_use(NOON)[volume.id]

    assert use == VolumeUse(10 * gib, 25.0)
    assert use.used_bytes == 2.5 * gib


def test_traffic_is_added_and_reset_by_hand(live, metrics, asleep):
    extras = LocalExtras(live)

    extras.add_traffic(asleep.id, sent=5 * MB)
    extras.add_traffic(asleep.id, sent=MB, received=3)
    assert metrics.sent_bytes()[asleep.id] == 6 * MB

    extras.reset_traffic(asleep.id)
    assert metrics.sent_bytes()[asleep.id] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="measured on Linux only")
def test_real_bytes_of_a_real_machine_are_told(tmp_path):
    with (
        local_fly(tmp_path, scrape_interval=0.2) as cloud,
        FlyClient(cloud.url, cloud.token, cloud.org, pacing=Pacing(speed=1000)) as fly,
        MetricsClient(
            default_url(cloud.url, cloud.org), cloud.token, cloud.org, pacing=Pacing(speed=1000)
        ) as metrics,
    ):
        fly.apps.create("mj-real", network="mj-real")
        disk = fly.volumes.create("mj-real", name="home", region="iad", size_gb=1)
        mounts = [{"volume": disk.id, "path": "/home/dev"}]
        made = fly.machines.create("mj-real", name="devbox", config=config(mounts=mounts))
        fly.machines.wait("mj-real", made.id, "started", timedelta(seconds=10))
        url = f"http://127.0.0.1:{LocalExtras(fly).machine_port(made.id)}/files/big"
        with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as visitor:
            visitor.put(url, content=b"x" * MB)
            assert len(visitor.get(url).content) == MB

        eventually(lambda: metrics.sent_bytes().get(made.id, 0) >= MB)
        eventually(lambda: disk.id in metrics.volume_use())
        eventually(lambda: made.id in metrics.cpu_seconds())

        assert metrics.sent_bytes()[made.id] < MB + 10_000
        assert metrics.volume_use()[disk.id].size_bytes == 1024**3
        assert 0 <= metrics.cpu_seconds()[made.id] < 60


def test_a_wrong_query_is_refused_with_fly_s_words(metrics):
    with pytest.raises(Refused, match="rate, increase") as caught:
        metrics.query("topk(3, x)")

    assert caught.value.code == 400
    assert str(caught.value).startswith("Fly refused the request about the metrics of my-jarvis:")


def test_a_wrong_token_or_org_is_told_at_once(cloud):
    for token, org in (("wrong", cloud.org), (cloud.token, "somebody-else")):
        with (
            MetricsClient(default_url(cloud.url, org), token, org) as stranger,
            pytest.raises(Unauthorised),
        ):
            stranger.sent_bytes()


def test_metrics_that_are_down_are_unreachable(live, metrics):
    LocalExtras(live).set_faults(down=True, path_contains="/prometheus")

    with pytest.raises(Unreachable) as caught:
        metrics.query("1")

    assert not caught.value.ambiguous


def test_too_many_questions_tell_how_long_to_wait(live, cloud):
    LocalExtras(live).set_faults(status=429, retry_after=600)

    with (
        MetricsClient(default_url(cloud.url, cloud.org), cloud.token, cloud.org) as metrics,
        pytest.raises(RateLimited) as caught,
    ):
        metrics.query("1")

    assert caught.value.retry_after == timedelta(minutes=10)


def test_nobody_there_is_unreachable():
    with (
        MetricsClient(
            "http://127.0.0.1:1/prometheus/o", TOKEN, "o", sleep=lambda _: None
        ) as metrics,
        pytest.raises(Unreachable, match="no connection"),
    ):
        metrics.sent_bytes()


def test_silence_ends_with_the_time_out(recorded, replay):
    replay.plays(Answer(200, {}, delay=1))

    with pytest.raises(Unreachable, match="no answer in time"):
        recorded.query("1")


def test_a_short_trouble_is_got_over(recorded, replay):
    replay.plays(Answer(503), Answer(200, vector([])))

    assert recorded.query("x") == ()
    assert len(replay.asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        {},
        {"status": "success", "data": {"resultType": "string", "result": [1, "x"]}},
        {"status": "success", "data": {"resultType": "vector", "result": {}}},
        {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}}]}},
        {"status": "success", "data": {"resultType": "scalar", "result": [1, "many"]}},
        {"status": "success", "data": {"resultType": "scalar", "result": [1e300, "1"]}},
    ],
    ids=["html", "empty", "string", "no-list", "no-value", "no-number", "no-time"],
)
def test_an_answer_that_makes_no_sense_is_garbled(recorded, replay, body):
    replay.plays(Answer(200, body))

    with pytest.raises(Garbled):
        recorded.query("x")


def vector(rows: list[object]) -> dict[str, object]:
    return {"status": "success", "data": {"resultType": "vector", "result": rows}}


def test_what_has_no_number_or_no_machine_is_left_out(recorded, replay):
    rows = [
        {"metric": {"instance": "a"}, "value": [1, "5"]},
        {"metric": {"instance": "b"}, "value": [1, "NaN"]},
        {"metric": {}, "value": [1, "7"]},
    ]
    replay.plays(Answer(200, vector(rows)))

    assert recorded.sent_bytes() == {"a": 5.0}


def test_a_volume_of_which_half_is_known_is_left_out(recorded, replay):
    size = {"metric": {"id": "vol_1"}, "value": [1, "5"]}
    replay.plays(Answer(200, vector([size])), Answer(200, vector([])))

    assert recorded.volume_use() == {}


def test_the_request_is_the_one_that_prometheus_knows(recorded, replay):
    replay.plays(Answer(200, vector([])))

    recorded.query_range("x", NOON, NOON + timedelta(hours=1), timedelta(minutes=5))

    (asked,) = replay.asked
    noon = NOON.timestamp()
    assert asked.path == "/prometheus/my-jarvis/api/v1/query_range"
    assert dict(asked.query) == {
        "query": "x",
        "start": f"{noon:.3f}",
        "end": f"{noon + 3600:.3f}",
        "step": "300.0",
    }
    assert asked.headers["authorization"] == f"FlyV1 {TOKEN}"


@pytest.mark.parametrize(
    "answer",
    [Answer(400, {"error": f"FlyV1 {TOKEN}"}), Answer(200, TOKEN.encode()), Answer(hang_up=True)],
    ids=["refused", "garbled", "hang-up"],
)
def test_the_token_is_in_no_error_and_no_log(recorded, replay, caplog, answer):
    replay.plays(answer)

    with caplog.at_level(logging.DEBUG), pytest.raises(FlyError) as caught:
        recorded.query("x")

    error = caught.value
    assert TOKEN not in repr(recorded) + caplog.text + str(error) + repr(error)
    assert TOKEN not in "".join(traceback.format_exception(error))
    assert TOKEN.encode() not in pickle.dumps(error)


@pytest.mark.parametrize(
    ("api_url", "url"),
    [
        ("https://api.machines.dev", "https://api.fly.io/prometheus/o"),
        ("https://api.machines.dev/v1", "https://api.fly.io/prometheus/o"),
        ("http://_api.internal:4280", "https://api.fly.io/prometheus/o"),
        ("http://127.0.0.1:4280/", "http://127.0.0.1:4280/prometheus/o"),
        ("http://127.0.0.1:4280/v1", "http://127.0.0.1:4280/prometheus/o"),
    ],
)
def test_the_metrics_are_found_beside_the_api(api_url, url):
    assert default_url(api_url, "o") == url
