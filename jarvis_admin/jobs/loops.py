"""The loops of a worker and how often each runs: the whole schedule, in one table."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from jarvis_admin.jobs import lease, sweep, sync, upkeep
from jarvis_admin.jobs.context import Context

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Loop:
    """`work` runs, then rests for `pause`; all loops but the heartbeat run in one worker only."""

    name: str
    work: Callable[[Context], object]
    pause: Callable[[Context], timedelta]


def _every(seconds: float) -> Callable[[Context], timedelta]:
    return lambda _context: timedelta(seconds=seconds)


def schedule(context: Context) -> tuple[Loop, ...]:
    counters = upkeep.Counters(context)
    return (
        Loop("sync", sync.sync_once, sync.pause),
        Loop("counters", lambda _context: counters.renew(), _every(1)),
        Loop("stuck", upkeep.mark_stuck, _every(10)),
        Loop("midnight", upkeep.cut_intervals, _every(5)),
        Loop("costs", upkeep.renew_costs, _every(3)),
        Loop("sweep", sweep.sweep_if_due, _every(60)),
        Loop("retention", upkeep.forget_old_work, _every(3600)),
    )


def run(loop: Loop, context: Context, holder: str, stop: threading.Event) -> None:
    """Until `stop` is set; a failed round is logged and the next one tried."""
    while not stop.is_set():
        rest = timedelta(seconds=5)
        try:
            if lease.hold(context, loop.name, holder):
                loop.work(context)
            rest = loop.pause(context)
        except Exception:  # the outermost loop of a thread: the next round may succeed
            log.exception("loop failed", loop=loop.name)
        stop.wait(rest.total_seconds())
