"""A Local Fly in a thread of the caller's process, for tests."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from queue import Queue
from typing import Any

from localfly import ids
from localfly.cloud import Call, Cloud
from localfly.faults import Faults
from localfly.serving import serving
from localfly.settings import FAST, Settings


@dataclass(frozen=True)
class LocalFly:
    """Reading attributes is safe from any thread; everything else goes over HTTP."""

    url: str
    settings: Settings
    _cloud: Cloud

    @property
    def token(self) -> str:
        return self.settings.token

    @property
    def org(self) -> str:
        return self.settings.org

    @property
    def state(self) -> Path:
        return self.settings.state

    @property
    def api_calls(self) -> list[tuple[str, str, int]]:
        """Method, path with query, and status of every call so far, oldest first."""
        calls: list[Call] = list(self._cloud.calls)
        return [(call.method, call.path, call.status) for call in calls]

    def forget_calls(self) -> None:
        self._cloud.calls.clear()

    def set_clock_ahead(self, span: timedelta) -> None:
        """Of the system's; nothing that waits is sped up by it. Zero puts it right again."""
        ids.set_ahead(span)

    def learn_images(self, commands: dict[str, list[str]]) -> None:
        """What these images run from now on, by reference or its beginning."""
        self._cloud.images.learn(commands)

    def set_faults(self, **switches: Any) -> None:
        """Exactly these switches of `Faults` are on; without any, good weather."""
        self._cloud.faults = Faults(**switches)


@contextmanager
def local_fly(state: Path, **settings: Any) -> Iterator[LocalFly]:
    """Fast, without rate limits and on a free port, unless the settings say otherwise."""
    chosen = Settings(
        **{"state": state, "port": 0, "timings": FAST, "rate_limit": False, **settings}
    )
    ready: Queue[LocalFly | BaseException] = Queue()
    stop = _Stop()
    thread = threading.Thread(target=_run, args=(chosen, ready, stop), name="local-fly")
    thread.start()
    try:
        running = ready.get()
        if isinstance(running, BaseException):
            raise running
        yield running
    finally:
        stop.set()
        thread.join()


class _Stop:
    """An asyncio event that another thread may set, even before the loop runs."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def set(self) -> None:
        self._asked.set()

    async def wait(self) -> None:
        while not self._asked.is_set():
            await asyncio.sleep(0.02)


def _run(settings: Settings, ready: "Queue[LocalFly | BaseException]", stop: _Stop) -> None:
    async def serve() -> None:
        async with serving(settings) as running:
            ready.put(LocalFly(running.url, settings, running.cloud))
            await stop.wait()

    try:
        asyncio.run(serve())
    except BaseException as error:
        ready.put(error)
