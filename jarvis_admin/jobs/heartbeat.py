"""Beats for this worker, and gives the work of those that no longer beat back to the queue."""

import threading

import structlog

from jarvis_admin.jobs import engine
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.fence import Fence

log = structlog.get_logger(__name__)

_LONGEST_SECONDS = 5.0


def run(context: Context, fence: Fence, stop: threading.Event) -> None:
    every = min(_LONGEST_SECONDS, context.settings.worker_dead_after.total_seconds() / 5)
    while True:  # at once, too: what a dead worker left need not wait for the second beat
        try:
            fence.beat(context)
            engine.recover(fence.living(context))
        except Exception:  # the outermost loop of a thread: a missed beat is made up for
            log.exception("heartbeat failed")
        if stop.wait(every):
            return
