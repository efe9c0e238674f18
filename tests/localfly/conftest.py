"""One Local Fly for the whole folder, and ways to start more."""

from collections.abc import Iterator

import httpx
import pytest

from localfly.testing import LocalFly, local_fly
from tests.localfly.fleet import Fleet


def client_of(server: LocalFly) -> httpx.Client:
    headers = {"Authorization": f"Bearer {server.token}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=70, verify=False)


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[LocalFly]:
    with local_fly(tmp_path_factory.mktemp("localfly")) as running:
        yield running


@pytest.fixture(scope="session")
def http(server) -> Iterator[httpx.Client]:
    with client_of(server) as client:
        yield client


@pytest.fixture
def fleet(server, http) -> Iterator[Fleet]:
    """What a test makes goes in the background, so that machines do not pile up."""
    made = Fleet(http, server.org)
    yield made
    for app in made.apps:
        http.delete(f"/v1/apps/{app}")


@pytest.fixture
def faults(server) -> Iterator[LocalFly]:
    """The server, whose faults are switched off again afterwards."""
    yield server
    server.set_faults()
