"""Fly's documented rate limits."""

import pytest

from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    state = tmp_path_factory.mktemp("limited")
    with local_fly(state, rate_limit=True, simulated=True) as server, client_of(server) as http:
        yield Fleet(http, server.org)


def test_the_fourth_call_in_a_second_is_too_many(limited):
    machine = limited.machine(skip_launch=True)

    answers = [machine.post("cordon") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert answers[-1].json() == {"error": "rate limit exceeded"}


def test_another_machine_and_another_action_have_room_of_their_own(limited):
    first, second = limited.machine(skip_launch=True), limited.machine(skip_launch=True)
    for _ in range(4):
        first.post("cordon")

    assert second.post("cordon").status_code == 200
    assert first.post("uncordon").status_code == 200


def test_showing_a_machine_has_a_wider_limit(limited):
    machine = limited.machine(skip_launch=True)

    answers = [limited.http.get(machine.path).status_code for _ in range(12)]

    assert answers[:10] == [200] * 10
    assert 429 in answers[10:]


def test_a_hundred_apps_may_be_deleted_in_a_minute(limited):
    apps = [limited.app() for _ in range(120)]

    answers = [limited.http.delete(f"/v1/apps/{app}").status_code for app in apps]

    assert answers[:100] == [202] * 100
    assert 429 in answers[100:]
