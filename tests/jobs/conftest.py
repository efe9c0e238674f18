"""Houses for tests: a database, a Local Fly and real workers."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from localfly.testing import LocalFly, local_fly
from tests.factories import make_settings
from tests.jobs.worker_process import DEAD_AFTER_SECONDS, House


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFly]:
    """One for the tests of a module; each uses users of its own."""
    with local_fly(tmp_path_factory.mktemp("localfly")) as running:
        yield running


@pytest.fixture(autouse=True)
def good_weather(cloud: LocalFly) -> Iterator[None]:
    yield
    cloud.set_faults()


def open_house(url: str, cloud: LocalFly) -> House:
    settings = make_settings(
        database_url=url,
        fly_api_url=cloud.url,
        fly_api_token=cloud.token,
        fly_org=cloud.org,
        worker_dead_after=timedelta(seconds=DEAD_AFTER_SECONDS),
    )
    return House(settings, cloud)


@pytest.fixture(scope="module")
def house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, cloud: LocalFly
) -> Iterator[House]:
    """On SQLite, with one worker; for all tests of a module."""
    path = tmp_path_factory.mktemp("house") / "jarvis.db"
    shutil.copy(sqlite_template, path)
    house = open_house(f"sqlite:///{path}", cloud)
    house.start_worker()
    yield house
    house.close()


@pytest.fixture
def open_on(cloud: LocalFly) -> Iterator[Callable[[str], House]]:
    """Opens a house without a worker, on any database."""
    opened: list[House] = []

    def open_one(url: str) -> House:
        opened.append(open_house(url, cloud))
        return opened[-1]

    yield open_one
    for house in opened:
        house.close()
