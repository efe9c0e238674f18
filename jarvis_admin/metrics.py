"""Prometheus metrics of every process, told by the console at /metrics.

With PROMETHEUS_MULTIPROC_DIR set all processes write into that folder and any one tells the sum.
"""

import os
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

FLY_CALLS = Counter("jarvis_fly_calls", "Calls to the Machines API", ["action", "outcome"])
FLY_SECONDS = Histogram("jarvis_fly_seconds", "Time of a call to the Machines API", ["action"])
PAGES = Histogram("jarvis_request_seconds", "Time of a request", ["endpoint", "status"])
OPERATIONS = Counter("jarvis_operations", "Operations that ended", ["kind", "outcome"])

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@lru_cache(maxsize=1024)
def page_seconds(endpoint: str, status: int) -> Histogram:
    """Looked up once: every request asks for it."""
    return PAGES.labels(endpoint, str(status))


def observe_fly(action: str, outcome: str, seconds: float) -> None:
    FLY_CALLS.labels(action, outcome).inc()
    FLY_SECONDS.labels(action).observe(seconds)


def exposition() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
