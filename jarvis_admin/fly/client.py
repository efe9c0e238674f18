"""The client of Fly's Machines API: one connection pool, one sub-client a noun."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Self

import httpx

from jarvis_admin.fly.apps import Apps
from jarvis_admin.fly.auth import authorization
from jarvis_admin.fly.ips import Ips
from jarvis_admin.fly.machines import Machines
from jarvis_admin.fly.org import Org
from jarvis_admin.fly.pacing import Pacing
from jarvis_admin.fly.platform import Platform
from jarvis_admin.fly.secrets import Secrets
from jarvis_admin.fly.snapshots import Snapshots
from jarvis_admin.fly.tokens import Tokens
from jarvis_admin.fly.volumes import Volumes
from jarvis_admin.fly.wire import Guard, Observe, Wire


class FlyClient:
    """Thread safe; make one a process (building it costs 20 ms) and close it at the end.

    Every method raises a FlyError (see errors) and returns frozen values of ours (see types).
    `timeout` is for a connection's silence; waits and execs add their own. `pacing` holds the
    rate limits; give the same one to every client of a process. `guard` runs before each request
    that changes something, and what it raises stops it. `observe` gets the action, "ok" or the
    error's name, and seconds, once a try.
    """

    def __init__(
        self,
        url: str,
        token: str,
        org: str,
        *,
        timeout: timedelta = timedelta(seconds=10),
        guard: Guard | None = None,
        observe: Observe | None = None,
        pacing: Pacing | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        header = authorization(token)
        http = httpx.Client(
            base_url=url.rstrip("/").removesuffix("/v1"),
            headers={"authorization": header, "user-agent": "jarvis-admin"},
            limits=httpx.Limits(max_connections=None, keepalive_expiry=30),
        )
        self._use(
            org,
            Wire(
                http=http,
                timeout=timeout,
                pacing=Pacing(clock=clock, sleep=sleep) if pacing is None else pacing,
                guard=guard,
                observe=observe,
                clock=clock,
                sleep=sleep,
                secrets=tuple(header.partition(" ")[2].split(",")),
            ),
        )

    def guarded(self, guard: Guard) -> "FlyClient":
        """The same client, connections and pacing, with another guard: for one job."""
        sibling = FlyClient.__new__(FlyClient)
        sibling._use(self._org, replace(self.wire, guard=guard))
        return sibling

    def close(self) -> None:
        """Also closes what came of `guarded`."""
        self.wire.http.close()

    def _use(self, org: str, wire: Wire) -> None:
        self._org, self.wire = org, wire
        self.apps = Apps(wire, org)
        self.machines = Machines(wire)
        self.volumes = Volumes(wire)
        self.snapshots = Snapshots(wire)
        self.secrets = Secrets(wire)
        self.ips = Ips(wire, org)
        self.org = Org(wire, org)
        self.platform = Platform(wire, org)
        self.tokens = Tokens(wire, org)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<FlyClient {self.wire.http.base_url} {self._org}>"
