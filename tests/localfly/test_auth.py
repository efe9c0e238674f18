"""The token, in every form that Fly takes."""

import httpx
import pytest


@pytest.mark.parametrize(
    "form",
    ["Bearer {}", "FlyV1 {}", "Bearer FlyV1 {}", "bearer {}", "FlyV1 fm2_other,{}", "{}"],
)
def test_every_form_is_accepted(server, form):
    headers = {"Authorization": form.format(server.token)}

    answer = httpx.get(f"{server.url}/v1/platform/regions", headers=headers, verify=False)

    assert answer.status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "FlyV1 fm2_a,fm2_b"])
@pytest.mark.parametrize("path", ["/v1/platform/regions", "/_local/calls", "/v1/no/such/path"])
def test_everything_else_is_unauthorized(server, header, path):
    headers = {} if header is None else {"Authorization": header}

    answer = httpx.get(server.url + path, headers=headers, verify=False)

    assert answer.status_code == 401
    assert answer.json() == {"error": "unauthorized"}


def test_every_answer_carries_a_request_id(server, http):
    answers = [
        http.get("/v1/platform/regions"),
        http.get("/v1/apps/no-such-app"),
        http.get("/v1/no/such/path"),
        httpx.get(f"{server.url}/v1/apps", verify=False),
    ]

    ids = [answer.headers["fly-request-id"] for answer in answers]

    assert len(set(ids)) == len(answers)
    assert all(one.endswith("-lcl") and len(one) == 30 for one in ids)
    assert {answer.headers["server"] for answer in answers} == {"Fly/local"}


def test_the_current_token_tells_its_organization(server, http):
    (token,) = http.get("/v1/tokens/current").json()["tokens"]

    assert token["org_slug"] == server.org
