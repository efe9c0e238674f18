"""What the machines really did, from Fly's Prometheus: bytes sent, CPU time, how full volumes are.

Fly keeps about fifteen days and takes a sample every 15 seconds of what runs. A machine that did
not run for a quarter of an hour is therefore missing from the answers here, and missing is not
zero. Counters belong to a boot: one that is lower than it was began again at 0. What a machine
did between its last sample and its end is in no sample.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
import msgspec

from jarvis_admin.fly.auth import authorization
from jarvis_admin.fly.call import Call, Query
from jarvis_admin.fly.errors import Garbled
from jarvis_admin.fly.pacing import Pacing
from jarvis_admin.fly.series import read_series
from jarvis_admin.fly.types.series import Series, VolumeUse
from jarvis_admin.fly.wire import Observe, Wire

FLY_HOSTS = ("api.machines.dev", "_api.internal")
RECENT = "15m"  # how old a counter may be

SENT = f'last_over_time(fly_instance_net_sent_bytes{{device="eth0"}}[{RECENT}])'
BUSY = f'sum by (instance) (last_over_time(fly_instance_cpu{{mode!="idle"}}[{RECENT}])) / 100'
VOLUME_SIZE = f"last_over_time(fly_volume_size_bytes[{RECENT}])"
VOLUME_USED = f"last_over_time(fly_volume_used_pct[{RECENT}])"


def default_url(api_url: str, org: str) -> str:
    """Where the metrics are when only the Machines API is known: Local Fly has both in one."""
    if urlsplit(api_url).hostname in FLY_HOSTS:
        return f"https://api.fly.io/prometheus/{org}"
    return f"{api_url.rstrip('/').removesuffix('/v1')}/prometheus/{org}"


class MetricsClient:
    """Thread safe; make one a process and close it at the end.

    `url` is the one above /api/v1 (see `default_url`) and names the org; `org` is for the sentences
    of errors. Methods only read, try again where that may help, and raise a FlyError (see errors).
    """

    def __init__(
        self,
        url: str,
        token: str,
        org: str,
        *,
        timeout: timedelta = timedelta(seconds=30),
        observe: Observe | None = None,
        pacing: Pacing | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        header = authorization(token)
        self._org = org
        self._wire = Wire(
            http=httpx.Client(
                base_url=url.rstrip("/"),
                headers={"authorization": header, "user-agent": "jarvis-admin"},
            ),
            timeout=timeout,
            pacing=Pacing(clock=clock, sleep=sleep) if pacing is None else pacing,
            guard=None,
            observe=observe,
            clock=clock,
            sleep=sleep,
            secrets=tuple(header.partition(" ")[2].split(",")),
        )

    def query(self, promql: str, at: datetime | None = None) -> tuple[Series, ...]:
        """The values at an instant, now if not told; a range vector gives all its points."""
        return self._ask("query", promql, *_time("time", at))

    def query_range(
        self, promql: str, start: datetime, end: datetime, step: timedelta
    ) -> tuple[Series, ...]:
        """A value each step, from the start to the end, both included; 11,000 steps at most."""
        span = (*_time("start", start), *_time("end", end))
        return self._ask("query_range", promql, *span, ("step", str(step.total_seconds())))

    def sent_bytes(self, at: datetime | None = None) -> dict[str, float]:
        """The newest counter of bytes sent, by machine id.

        The higher one of a machine that has just moved and so has two, one of each host.
        """
        return _highest(self.query(SENT, at), "instance")

    def cpu_seconds(self, at: datetime | None = None) -> dict[str, float]:
        """The newest counter of seconds of CPU time, all CPUs together, by machine id."""
        return _highest(self.query(BUSY, at), "instance")

    def volume_use(self, at: datetime | None = None) -> dict[str, VolumeUse]:
        """By volume id; one of which only half is known is missing."""
        sizes = _highest(self.query(VOLUME_SIZE, at), "id")
        used = _highest(self.query(VOLUME_USED, at), "id")
        return {key: VolumeUse(int(sizes[key]), used[key]) for key in sizes.keys() & used.keys()}

    def close(self) -> None:
        self._wire.http.close()

    def _ask(self, noun: str, promql: str, *rest: tuple[str, str]) -> tuple[Series, ...]:
        call = Call(
            action=f"metrics.{noun}",
            method="GET",
            path=f"/api/v1/{noun}",
            subject=self._org,
            what=f"the metrics of {self._org}",
            query=(("query", promql), *rest),
        )
        body = self._wire.send(call)
        try:
            return read_series(body)
        except msgspec.DecodeError as exc:
            raise Garbled(what=call.what, detail=str(exc)) from exc

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
        return f"<MetricsClient {self._wire.http.base_url} {self._org}>"


def _time(name: str, at: datetime | None) -> Query:
    return () if at is None else ((name, f"{at.timestamp():.3f}"),)


def _highest(found: tuple[Series, ...], label: str) -> dict[str, float]:
    values: dict[str, float] = {}
    for series in found:
        key = series.labels.get(label, "")
        if key and series.last == series.last:  # not NaN
            values[key] = max(series.last, values.get(key, series.last))
    return values
