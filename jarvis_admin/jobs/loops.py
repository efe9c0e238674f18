"""The loops of a worker and how often each runs: the whole schedule, in one table."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from jarvis_admin.jobs import (
    alerts,
    backups,
    drill_loop,
    inventory,
    lease,
    parking,
    quotas,
    reservations,
    sweep,
    sync,
    traffic,
    upkeep,
    what_if,
)
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
    brakes = quotas.Enforcement()
    scenarios = what_if.Loop()
    return (
        Loop("sync", sync.sync_once, sync.pause),
        Loop("counters", lambda _context: counters.renew(), _every(1)),
        Loop("stuck", upkeep.mark_stuck, _every(10)),
        Loop("midnight", upkeep.cut_intervals, _every(5)),
        Loop("costs", upkeep.renew_costs, _every(3)),
        Loop("sweep", sweep.sweep_if_due, _every(60)),
        Loop("traffic", traffic.read_counters, _every(60)),
        Loop("settle", traffic.settle_days, _every(1800)),
        Loop("inventory", inventory.take, _every(60)),
        Loop("backups", backups.keep_up, _every(30)),
        Loop("old backups", backups.prune, _every(60)),
        Loop("what-if", scenarios.work, scenarios.pause),
        Loop("old scenarios", what_if.forget, _every(3600)),
        Loop("archives", upkeep.bill_archives, _every(600)),
        Loop("reservations", reservations.book, _every(600)),
        Loop("quotas", brakes.round, _every(5)),
        Loop("cordons", quotas.cordon, _every(5)),
        Loop("budgets", alerts.watch_budgets, _every(60)),
        Loop("unusual usage", alerts.watch_unusual, _every(600)),
        Loop("digests", alerts.make_digests, _every(60)),
        Loop("deliveries", alerts.send_due, _every(2)),
        Loop("old deliveries", alerts.forget_old_deliveries, _every(3600)),
        Loop("parked machines", parking.keep, _every(10)),
        Loop("let in", parking.admit, _every(30)),
        Loop("end of parking", parking.expire, _every(60)),
        Loop("left behind", parking.clear_left, _every(300)),
        Loop("end of scratches", parking.end_scratches, _every(60)),
        Loop("drills", drill_loop.ask_due, _every(60)),
        Loop("left drills", drill_loop.sweep, _every(3600)),
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
