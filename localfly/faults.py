"""Misbehaviour on request: what tests may switch on."""

import asyncio
import random

import msgspec
from aiohttp import web

from localfly.errors import ApiError, unreachable
from localfly.limits import RateLimited
from localfly.regions import HOSTS


class Faults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """All switches; the empty set is good weather.

    `methods` and `path_contains` narrow everything but the lists.
    """

    down: bool = False
    status: int | None = None
    retry_after: int | None = None  # the header of a 429, in seconds
    rate: float = 1.0
    when: str = "before"  # "before" the effect, or "after" it
    lose_answer: bool = False  # the effect happens, the connection is cut
    latency_ms: int = 0
    methods: list[str] = []
    path_contains: str = ""
    error_regions: list[str] = []
    # No room: for anything, for new volumes, on the host of a volume, on a whole host.
    full_regions: list[str] = []
    full_volume_regions: list[str] = []
    full_volumes: list[str] = []
    full_zones: list[str] = []
    hosts_per_region: int = HOSTS
    volume_limit: int | None = None  # of the organization
    # Hosts that are down: of a machine, of a volume, a whole region's, and by their zone.
    unreachable_machines: list[str] = []
    unreachable_volumes: list[str] = []
    unreachable_regions: list[str] = []
    unreachable_zones: list[str] = []
    unreachable_patience: float | None = None  # seconds until a 408; without, a 503 at once
    foreign_apps: list[str] = []  # names that another organization owns

    def hits(self, request: web.Request) -> bool:
        wanted = not self.methods or request.method in self.methods
        return wanted and self.path_contains in request.path

    async def before(self, request: web.Request) -> None:
        if not self.hits(request):
            return
        if self.latency_ms:
            await asyncio.sleep(self.latency_ms / 1000)
        if self.down:
            raise unreachable()
        if self.when == "before":
            self._strike()

    def after(self, request: web.Request) -> None:
        if not self.hits(request):
            return
        if self.lose_answer and request.transport is not None:
            request.transport.abort()
        if self.when == "after":
            self._strike()

    def _strike(self) -> None:
        if self.status is not None and random.random() < self.rate:  # noqa: S311 - no secret
            if self.status == 429 and self.retry_after is not None:
                raise RateLimited(self.retry_after)
            raise ApiError(self.status, "unknown error", "unknown")
