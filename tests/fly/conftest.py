"""A client against recorded answers, and one against Local Fly."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from jarvis_admin.fly import FlyClient, Pacing
from jarvis_admin.fly.local import LocalExtras
from jarvis_admin.fly.types import Machine, Volume
from localfly.testing import LocalFly, local_fly
from tests.fly.clock import Clock
from tests.fly.replay import Answer, Replay

TOKEN = "fm2_lJPECAAAAAAAAExampleOnly"


@pytest.fixture(scope="session")
def replay_server() -> Iterator[Replay]:
    server = Replay()
    yield server
    server.close()


@pytest.fixture
def replay(replay_server: Replay) -> Replay:
    replay_server.asked = []
    replay_server.plays(Answer())
    return replay_server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fly(replay: Replay, clock: Clock) -> Iterator[FlyClient]:
    """Talks to the recorded answers; no pause lasts, for the clock is ours."""
    with FlyClient(
        replay.url,
        TOKEN,
        "my-jarvis",
        timeout=timedelta(seconds=2),
        pacing=Pacing(speed=1000, clock=clock, sleep=clock.sleep),
        clock=clock,
        sleep=clock.sleep,
    ) as client:
        yield client


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalFly]:
    """One Local Fly for all tests of a process; each test makes an app of its own."""
    with local_fly(tmp_path_factory.mktemp("localfly")) as running:
        yield running


@pytest.fixture
def live(cloud: LocalFly) -> Iterator[FlyClient]:
    """Talks to Local Fly, in good weather again afterwards."""
    with FlyClient(cloud.url, cloud.token, cloud.org, pacing=Pacing(speed=1000)) as client:
        yield client
        LocalExtras(client).set_faults()


NUMBERS = count(1)


@pytest.fixture
def app(live: FlyClient) -> str:
    """The name of a new app."""
    return live.apps.create(f"mj-u-{next(NUMBERS)}", network="mj-net").name


@pytest.fixture
def volume(live: FlyClient, app: str) -> Volume:
    return live.volumes.create(app, name="home", region="iad", size_gb=10)


@pytest.fixture
def machine(live: FlyClient, app: str) -> Machine:
    """A machine that runs."""
    made = live.machines.create(app, name="devbox", region="iad", config=config())
    live.machines.wait(app, made.id, "started", timedelta(seconds=10))
    return live.machines.get(app, made.id)


def config(**other: Any) -> dict[str, Any]:
    return {
        "image": "registry.fly.io/mj-devbox:2",
        "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 512},
        "metadata": {"mj_user": "u_7f3k2q"},
        **other,
    }
