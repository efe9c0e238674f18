"""One look at Fly's whole list: parsed, compared, written; then the events of what changed."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median

from bench import fly_fleet
from bench.report import Line
from bench.workbench import Workbench, counted
from jarvis_admin.db import Sessions, open_engine, open_sessions
from jarvis_admin.fly.codec import decode
from jarvis_admin.fly.types import Machine
from jarvis_admin.services import observations, sync

_MILLISECONDS = 150.0
_TIMES = 5
_PLAIN = "json.loads"


def measure(bench: Workbench) -> Iterator[Line]:
    count, now = bench.sizes.machines, datetime.now(UTC)
    engine = open_engine(bench.fleet(count, bench.sizes.days[1]))
    sessions = open_sessions(engine)
    hundredth = max(count // 100, 1)
    for share, title in ((0, "nothing changed"), (hundredth, "1 % changed")):
        ours, plain = [], []
        for turn in range(_TIMES):
            changed = set(range(1 + turn * share, 1 + (turn + 1) * share))
            past = set(range(1, 1 + turn * share))
            bodies = fly_fleet.pages(count, changed | past, now)
            plain.append(_cpu(partial(_parse, bodies)))
            ours.append(_cpu(partial(_reconcile, sessions, bodies, now)))
        yield Line(
            f"reconcile, {title}, CPU",
            counted(count),
            1000 * median(ours),
            "ms",
            1000 * median(plain),
            _PLAIN,
            _MILLISECONDS,
            absolute=True,
        )
    stopped = _prepare(sessions, range(1, hundredth + 1), now)
    each = 1000 * _cpu(partial(_record, sessions, stopped, now)) / hundredth
    yield Line("events of a changed machine, CPU", f"mean of {counted(hundredth)}", each, "ms")
    engine.dispose()


def _reconcile(sessions: Sessions, bodies: list[bytes], now: datetime) -> None:
    """As `jobs.sync` does, a transaction a page."""
    for page in fly_fleet.read(bodies):
        with sessions.begin() as session:
            sync.apply_page(session, page.machines, now)


def _parse(bodies: list[bytes]) -> None:
    """A page at a time, like ours."""
    for body in bodies:
        json.loads(body)


def _prepare(sessions: Sessions, numbers: range, now: datetime) -> dict[int, bytes]:
    """Their launch, five hours ago, is known; what Fly says now that they are stopped."""
    born, stopped = now - timedelta(hours=5), now - timedelta(seconds=30)
    _record(sessions, {n: fly_fleet.machine(n, born, None) for n in numbers}, now)
    return {n: fly_fleet.machine(n, born, stopped) for n in numbers}


def _record(sessions: Sessions, bodies: dict[int, bytes], now: datetime) -> None:
    """As `jobs.sync` does, a transaction a machine."""
    for n, body in bodies.items():
        machine = decode(body, Machine)
        with sessions.begin() as session:
            observations.record_machine(session, n, machine, rootfs_mb=2048, now=now)


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
