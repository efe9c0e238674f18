"""Which workers live: a heartbeat row each, and a fence in front of every effect.

Without a paid conductor nobody recovers the work of a dead worker, and a worker that was frozen
and thaws would repeat what its successor did. So: a beat every few seconds; work of executors
without a fresh beat goes back to the queue; and a worker whose own last beat is too old ends
itself before it touches Fly again. Its supervisor starts it anew under another id.
"""

import os
import time
from datetime import timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from jarvis_admin.jobs.context import Context
from jarvis_admin.models import WorkerBeat

log = structlog.get_logger(__name__)

FENCED_EXIT = 70
# A worker gives up before the others may think it dead.
_MARGIN = 0.6


def boot_seconds() -> float:
    """Seconds since boot, counting the time a virtual machine was suspended where it can be had."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class Fence:
    """Answers "am I still alive to the others?" before every mutating call to Fly."""

    def __init__(self, executor_id: str, dead_after: timedelta) -> None:
        self.executor_id = executor_id
        self._dead_after = dead_after
        self._last = boot_seconds()

    def check(self) -> None:
        """End the process if its work may have been given away."""
        if boot_seconds() - self._last > self._dead_after.total_seconds() * _MARGIN:
            log.critical("silent for too long: this worker ends itself", executor=self.executor_id)
            os._exit(FENCED_EXIT)

    def beat(self, context: Context) -> None:
        self.check()
        started = boot_seconds()
        with context.sessions.begin() as session:
            self._write(session, context)
        self._last = started

    def living(self, context: Context) -> set[str]:
        """Ids of the workers with a fresh beat, this one among them."""
        oldest = context.clock() - self._dead_after
        with context.sessions() as session:
            fresh = session.scalars(select(WorkerBeat.id).where(WorkerBeat.at > oldest))
            return {*fresh, self.executor_id}

    def _write(self, session: Session, context: Context) -> None:
        now = context.clock()
        known = session.execute(
            update(WorkerBeat).where(WorkerBeat.id == self.executor_id).values(at=now)
        )
        if not known.rowcount:  # type: ignore[attr-defined]
            session.add(WorkerBeat(id=self.executor_id, at=now))
        session.execute(delete(WorkerBeat).where(WorkerBeat.at < now - timedelta(days=1)))
