"""Misbehaviour on request."""

import time

import httpx
import pytest

from tests.localfly.fleet import fresh_name


def test_down_answers_503_to_everything_of_fly_s(faults, http):
    http.put("/_local/faults", json={"down": True})

    assert http.get("/v1/platform/regions").status_code == 503
    assert http.delete("/_local/faults").status_code == 204
    assert http.get("/v1/platform/regions").status_code == 200


def test_a_failure_before_the_effect_prevents_it(faults, fleet, http):
    name = fresh_name()
    faults.set_faults(status=500, methods=["POST"])

    answer = http.post("/v1/apps", json={"name": name, "org_slug": fleet.org})

    assert answer.status_code == 500
    assert http.get(f"/v1/apps/{name}").status_code == 404


def test_a_failure_after_the_effect_hides_it(faults, fleet, http):
    name = fresh_name()
    faults.set_faults(status=500, when="after", methods=["POST"])

    answer = http.post("/v1/apps", json={"name": name, "org_slug": fleet.org})

    assert answer.status_code == 500
    assert http.get(f"/v1/apps/{name}").status_code == 200


def test_a_lost_answer_cuts_the_connection_after_the_effect(faults, fleet, http):
    name = fresh_name()
    faults.set_faults(lose_answer=True, methods=["POST"])

    with pytest.raises(httpx.TransportError):
        http.post("/v1/apps", json={"name": name, "org_slug": fleet.org})

    assert http.get(f"/v1/apps/{name}").status_code == 200


def test_only_matching_paths_suffer(faults, fleet, http):
    app = fleet.app()
    faults.set_faults(status=502, path_contains="/volumes")

    assert http.get(f"/v1/apps/{app}/volumes").status_code == 502
    assert http.get(f"/v1/apps/{app}/machines").status_code == 200


def test_latency_is_added(faults, http):
    faults.set_faults(latency_ms=150)
    began = time.monotonic()

    http.get("/v1/platform/regions")

    assert time.monotonic() - began >= 0.15


def test_a_rate_of_none_never_strikes(faults, http):
    faults.set_faults(status=500, rate=0.0)

    assert {http.get("/v1/platform/regions").status_code for _ in range(20)} == {200}


def test_a_switch_that_does_not_exist_is_refused(http):
    assert http.put("/_local/faults", json={"dwon": True}).status_code == 400


def test_calls_are_recorded(server, http):
    server.forget_calls()
    http.get("/v1/apps/no-such-app", params={"a": "b"})

    assert server.api_calls == [("GET", "/v1/apps/no-such-app?a=b", 404)]
    (first, *_) = http.get("/_local/calls").json()["calls"]
    assert (first["method"], first["status"]) == ("GET", 404)
