"""One running Local Fly: everything that a request handler can reach."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import IO

from aiohttp import web

from localfly.bulk import bulk
from localfly.exclusive import hold
from localfly.faults import Faults
from localfly.health import Health
from localfly.hosts import Host
from localfly.ids import now_ms
from localfly.images import Images, read_images
from localfly.lifecycle import Lifecycle
from localfly.limits import Limiter
from localfly.measuring.metrics import Metrics
from localfly.motion import Motion
from localfly.mounts import Disks
from localfly.orphans import reap
from localfly.paperhost import PaperHost
from localfly.passages import Passages
from localfly.realhost import RealHost
from localfly.recovery import recover
from localfly.settings import Settings
from localfly.store import Store
from localfly.world import World


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    status: int
    at_ms: int


@dataclass
class Cloud:
    settings: Settings
    lock: IO[str]
    store: Store
    world: World
    images: Images
    disks: Disks
    host: Host
    health: Health
    motion: Motion
    passages: Passages
    lifecycle: Lifecycle
    limiter: Limiter | None
    metrics: Metrics
    faults: Faults = field(default_factory=Faults)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=20_000))
    opened_ms: int = field(default_factory=now_ms)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    def open(cls, settings: Settings) -> "Cloud":
        """Load the state, kill what an earlier run left, and boot what should run."""
        state = settings.state.resolve()
        lock = hold(state)
        disks = Disks(state)
        reap(state)
        store = Store(state / "localfly.db")
        with bulk():
            world = World(store)
        images = read_images(settings.images, strict=settings.strict_images)
        host: Host = PaperHost()
        if not settings.simulated:
            host = RealHost(
                world, images, disks, state, lambda key, end: passages.ended_by_itself(key, end)
            )
        health = Health(host, simulated=settings.simulated)
        motion = Motion(world, health)
        passages = Passages(world, host, motion, settings.timings)
        limiter = Limiter() if settings.rate_limit else None
        lifecycle = Lifecycle(passages)
        metrics = Metrics(world, host, disks, settings)
        return cls(
            settings,
            lock,
            store,
            world,
            images,
            disks,
            host,
            health,
            motion,
            passages,
            lifecycle,
            limiter,
            metrics,
        )

    def recover(self) -> None:
        recover(self.world, self.passages, simulated=self.settings.simulated)

    def background(self, work: Coroutine[None, None, None]) -> None:
        """Let it run until it is done or Local Fly stops."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """What ran is remembered as running, and boots again at the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.motion.close()
        await self.health.close()
        self.metrics.close()
        await self.host.close()
        self.store.close()
        self.lock.close()


CLOUD = web.AppKey("cloud", Cloud)


def cloud_of(request: web.Request) -> Cloud:
    return request.app[CLOUD]
