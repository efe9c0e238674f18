"""Houses for tests: a database, a Local Fly and real workers."""

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jarvis_admin.storage.gate import make_server
from jarvis_admin.storage.permits import Permits
from localfly.testing import LocalFly, local_fly
from tests.factories import make_settings
from tests.jobs.worker_process import DEAD_AFTER_SECONDS, House


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFly]:
    """One for the tests of a module; each uses users of its own."""
    with local_fly(tmp_path_factory.mktemp("cloud") / "fly") as running:
        yield running


@pytest.fixture(autouse=True)
def good_weather(cloud: LocalFly) -> Iterator[None]:
    yield
    cloud.set_faults()


def open_house(url: str, cloud: LocalFly, gate: str = "http://127.0.0.1:9") -> House:
    settings = make_settings(
        database_url=url,
        object_store_url=f"file://{archives_of(cloud)}",
        object_store_gate=gate,
        fly_api_url=cloud.url,
        fly_api_token=cloud.token,
        fly_org=cloud.org,
        worker_dead_after=timedelta(seconds=DEAD_AFTER_SECONDS),
    )
    return House(settings, cloud)


def archives_of(cloud: LocalFly) -> Path:
    return cloud.state.parent / "archives"


@pytest.fixture(scope="module")
def gate(cloud: LocalFly) -> Iterator[str]:
    """The way of machines into the folder of archives, which outlives any worker."""
    folder = archives_of(cloud)
    folder.mkdir(exist_ok=True)
    server = make_server(folder, Permits(make_settings().secret_key), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, cloud: LocalFly, gate: str
) -> Iterator[House]:
    """On SQLite, with one worker; for all tests of a module."""
    path = tmp_path_factory.mktemp("house") / "jarvis.db"
    shutil.copy(sqlite_template, path)
    house = open_house(f"sqlite:///{path}", cloud, gate)
    house.start_worker()
    yield house
    house.close()


@pytest.fixture
def open_on(cloud: LocalFly, gate: str) -> Iterator[Callable[[str], House]]:
    """Opens a house without a worker, on any database."""
    opened: list[House] = []

    def open_one(url: str) -> House:
        opened.append(open_house(url, cloud, gate))
        return opened[-1]

    yield open_one
    for house in opened:
        house.close()
