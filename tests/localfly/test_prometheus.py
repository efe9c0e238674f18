"""Prometheus's HTTP API as Local Fly serves it: envelopes, refusals, who may ask."""

import time

import httpx
import pytest

from tests.localfly.prom import SENT, Prom

T = 1_790_000_000


@pytest.fixture
def prom(server, http) -> Prom:
    return Prom(http, server.org)


@pytest.fixture
def machine(fleet):
    """One that never ran, so that it has only the samples a test gives it."""
    return fleet.machine(skip_launch=True)


def test_an_instant_query_answers_a_vector(prom, machine):
    prom.remember(machine, [(T, 100), (T + 15, 250.5)])

    answer = prom.ask(query=f'{SENT}{{instance="{machine.id}"}}', time=T + 20)

    labels = {"app": machine.app, "region": "iad", "instance": machine.id, "device": "eth0"}
    body = answer.json()
    (row,) = body["data"]["result"]
    assert (body["status"], body["data"]["resultType"]) == ("success", "vector")
    assert row["value"] == [T + 20, "250.5"]
    assert row["metric"].pop("host")
    assert row["metric"] == {"__name__": SENT, **labels}


def test_a_query_may_come_as_a_posted_form(prom):
    answer = prom.http.post(f"{prom.base}/query", data={"query": "2 * 3", "time": str(T)})

    assert answer.json()["data"] == {"resultType": "scalar", "result": [T, "6"]}


def test_a_range_query_answers_a_matrix(prom, machine):
    prom.remember(machine, [(T + 60 * minute, minute) for minute in range(10)])

    data = prom.data(
        "query_range", query=f'{SENT}{{instance="{machine.id}"}}', start=T, end=T + 180, step="1m"
    )

    (row,) = data["result"]
    assert data["resultType"] == "matrix"
    assert row["values"] == [[T, "0"], [T + 60, "1"], [T + 120, "2"], [T + 180, "3"]]


def test_a_range_vector_shows_its_own_samples(prom, machine):
    prom.remember(machine, [(T, 1), (T + 60, 2), (T + 120, 3)])

    data = prom.data("query", query=f'{SENT}{{instance="{machine.id}"}}[2m]', time=T + 120)

    assert data["resultType"] == "matrix"
    assert data["result"][0]["values"] == [[T + 60, "2"], [T + 120, "3"]]


def test_a_range_query_of_a_number_is_one_line_without_labels(prom):
    data = prom.data("query_range", query="7", start=T, end=T + 1, step=1)

    assert data["result"] == [{"metric": {}, "values": [[T, "7"], [T + 1, "7"]]}]


def test_series_labels_and_values_can_be_listed(prom, machine):
    prom.remember(machine, [(T, 1)])
    mine = {"match[]": f'{{instance="{machine.id}"}}'}

    assert [row["instance"] for row in prom.data("series", **mine)] == [machine.id]
    assert "device" in prom.data("labels", **mine)
    assert prom.data("label/__name__/values", **mine) == [SENT]
    assert prom.data("label/app/values", **mine, start=T + 1) == []


@pytest.mark.parametrize(
    ("noun", "parameters", "says"),
    [
        ("query", {}, "no expression found"),
        ("query", {"query": "rate(x[5m]", "time": T}, "1:11: parse error"),
        ("query", {"query": "x", "time": "noon"}, 'invalid parameter "time"'),
        ("query_range", {"query": "x", "start": T, "end": T}, 'invalid parameter "step"'),
        ("query_range", {"query": "x", "start": T, "end": T, "step": 0}, "zero or negative"),
        ("query_range", {"query": "x", "start": T, "end": T - 1, "step": 1}, "before start"),
        ("query_range", {"query": "x", "start": 0, "end": T, "step": 1}, "11,000 points"),
        ("query_range", {"query": "x[5m]", "start": T, "end": T, "step": 1}, "range vector"),
        ("series", {}, "no match[]"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_bad_data(prom, noun, parameters, says):
    answer = prom.ask(noun, **parameters)

    body = answer.json()
    assert answer.status_code == 400
    assert (body["status"], body["errorType"]) == ("error", "bad_data")
    assert says in body["error"]


def test_a_result_with_the_same_labels_twice_cannot_be_carried_out(prom, machine):
    prom.remember(machine, [(T, 1)], metric="one")
    prom.remember(machine, [(T, 1)], metric="two")

    answer = prom.ask(query=f'{{instance="{machine.id}"}} * 2', time=T)

    assert answer.status_code == 422
    assert answer.json()["errorType"] == "execution"


@pytest.mark.parametrize("scheme", ["FlyV1", "Bearer", "Bearer FlyV1"])
def test_the_token_is_taken_in_each_of_its_forms(server, prom, scheme):
    header = {"Authorization": f"{scheme} {server.token}"}

    answer = httpx.get(f"{server.url}{prom.base}/query", params={"query": "1"}, headers=header)

    assert answer.status_code == 200


def test_strangers_and_other_organizations_are_turned_away(server, prom):
    stranger = httpx.get(f"{server.url}{prom.base}/query", params={"query": "1"})
    neighbour = prom.http.get("/prometheus/somebody-else/api/v1/query", params={"query": "1"})

    assert (stranger.status_code, neighbour.status_code) == (401, 403)


def test_faults_strike_here_too(faults, prom):
    faults.set_faults(down=True, path_contains="/prometheus")
    assert prom.ask(query="1").status_code == 503
    assert prom.http.get("/v1/platform/regions").status_code == 200

    faults.set_faults(status=429, retry_after=7)
    answer = prom.ask(query="1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")

    faults.set_faults(latency_ms=150)
    began = time.monotonic()
    assert prom.ask(query="1").status_code == 200
    assert time.monotonic() - began >= 0.15


def test_a_history_goes_back_days(prom, machine):
    day = 86_400
    prom.remember(machine, [(T + hour * 3600, hour * 1000) for hour in range(14 * 24)])
    increase = f'increase({SENT}{{instance="{machine.id}"}}[1d])'

    data = prom.data("query_range", query=increase, start=T + day, end=T + 10 * day, step="1d")

    assert {value for _, value in data["result"][0]["values"]} == {"24000"}


def test_a_volume_has_a_history_too(prom, fleet):
    volume = fleet.volume(fleet.app())
    row = {"metric": "fly_volume_used_pct", "volume": volume["id"], "samples": [[T, 42]]}

    prom.move(history=[row])

    (found,) = prom.rows(f'fly_volume_used_pct{{id="{volume["id"]}"}}', T + 5)
    assert found["value"][1] == "42"
    assert "instance" not in found["metric"]


def test_a_counter_that_nothing_measures_is_moved_by_hand(prom, machine):
    prom.move(add=[{"instance": machine.id, "sent_bytes": 700}])
    prom.move(add=[{"instance": machine.id, "sent_bytes": 300, "received_bytes": 5}])
    assert prom.sent(machine) == 1000

    prom.move(reset=[machine.id], add=[{"instance": machine.id, "sent_bytes": 40}])
    assert prom.sent(machine) == 40


def test_what_is_not_there_cannot_be_moved(prom):
    for change in ({"add": [{"instance": "nobody"}]}, {"reset": ["nobody"]}):
        assert prom.http.post("/_local/metrics", json=change).status_code == 404
