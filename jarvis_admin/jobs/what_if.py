"""Works off scenarios, a few seconds at a time; what was done is written down in between."""

import time
from datetime import timedelta

import structlog

from jarvis_admin.errors import JarvisError
from jarvis_admin.jobs.context import Context
from jarvis_admin.services import prices, scenarios, what_if
from jarvis_admin.services.scenarios import Slice

log = structlog.get_logger(__name__)

# Shorter than the lease of a loop, so that nobody else begins the same slice meanwhile.
_SLICE_SECONDS = 3.0
_BETWEEN, _IDLE = timedelta(seconds=0.2), timedelta(seconds=2)


class Loop:
    """One slice of the oldest scenario a round; `pause` is short while there is more to do."""

    def __init__(self) -> None:
        self._busy = False

    def work(self, context: Context) -> int:
        """How many workspaces were replayed."""
        with context.sessions() as session:
            slice_ = scenarios.next_slice(session)
        self._busy = slice_ is not None
        return _advance(context, slice_) if slice_ else 0

    def pause(self, _context: Context) -> timedelta:
        return _BETWEEN if self._busy else _IDLE


def forget(context: Context) -> int:
    with context.sessions.begin() as session:
        return scenarios.forget(session, context.clock())


def _advance(context: Context, slice_: Slice) -> int:
    try:
        return _replay(context, slice_)
    except JarvisError as error:
        said = str(error)
    except Exception:  # a scenario that breaks must not hold up all the others
        log.exception("scenario failed", scenario=slice_.id)
        said = "The computation broke off; the worker’s log says why."
    with context.sessions.begin() as session:
        scenarios.fail(session, slice_, said, context.clock())
    return 0


def _replay(context: Context, slice_: Slice) -> int:
    asked = slice_.query, slice_.policy, slice_.window
    until, cursor, added = time.monotonic() + _SLICE_SECONDS, slice_.cursor, 0
    while True:
        with context.sessions() as session:
            # Reading only: on SQLite nobody has to wait for it.
            session.connection(execution_options={"read_only": True})
            books = prices.load(session)
            some, cursor = what_if.add_batch(
                session, slice_.tally, asked, cursor, books, slice_.asked_at
            )
            if not some:
                what_if.add_pool(session, slice_.tally, slice_.policy, slice_.window, books)
        added += some
        if not some or time.monotonic() >= until:
            break
    with context.sessions.begin() as session:
        if some:
            scenarios.keep(session, slice_, cursor, slice_.done + added)
        else:
            scenarios.finish(session, slice_, slice_.done + added, context.clock())
    return added
