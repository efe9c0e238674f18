"""The steps of an operation: checkpointed by the engine, written into our ledger as they go.

A step runs at least once: its function looks for its own effect before it makes it. Fly's
passing troubles (no answer, busy, not yet in the right state) are waited out, visibly; a refusal
ends the operation with Fly's sentence.
"""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Concatenate, ParamSpec, TypeVar

from dbos import DBOS
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from jarvis_admin.domain.lifecycle import OperationState
from jarvis_admin.errors import JarvisError
from jarvis_admin.fly import errors as fly_errors
from jarvis_admin.fly.errors import FlyError
from jarvis_admin.jobs import ledger
from jarvis_admin.jobs.context import Context

P = ParamSpec("P")
R = TypeVar("R")

# How long each passing trouble is waited out before it becomes the operation's outcome.
_PATIENCE: tuple[tuple[type[FlyError], timedelta], ...] = (
    (fly_errors.Unreachable, timedelta(minutes=10)),
    (fly_errors.RateLimited, timedelta(minutes=10)),
    (fly_errors.LeaseHeld, timedelta(minutes=3)),
    (fly_errors.Conflict, timedelta(seconds=60)),
    (fly_errors.WrongState, timedelta(seconds=60)),
)
_DATABASE = timedelta(seconds=60)  # a lock, a restart, or the sync loop was quicker
_FIRST_PAUSE, _LONGEST_PAUSE = 0.3, 10.0


class Cancelled(JarvisError):
    """Whoever asked has changed their mind; noticed between steps."""


class StepFailed(JarvisError):
    """A step was refused for good; its sentence is the operation's outcome."""


class Step:
    """Runs the steps of one operation in order, each a checkpoint."""

    def __init__(self, context: Context, operation_id: str) -> None:
        self._context = context
        self.operation_id = operation_id
        self._position = 0
        self._committed = False

    def commit(self) -> None:
        """Past this point the operation cannot be cancelled: Fly is at it."""
        self._committed = True
        ledger.commit(self._context, self.operation_id)

    def __call__(
        self,
        title: str,
        action: Callable[Concatenate[Context, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """The action's result, which the engine stores: an id or a number, never a secret."""
        self._position += 1
        position = self._position

        def attempt() -> R:
            return self._attempt(position, title, lambda: action(self._context, *args, **kwargs))

        return DBOS.run_step({"name": title}, attempt)

    def _attempt(self, position: int, title: str, action: Callable[[], R]) -> R:
        if self._is_cancelled():
            raise Cancelled(f"Cancelled before “{title}”.")
        ledger.begin_step(self._context, self.operation_id, position, title)
        try:
            result = self._until_settled(position, action)
        except Cancelled as cancelled:
            self._finish(position, OperationState.CANCELLED, str(cancelled))
            raise
        except Exception as error:  # whatever it was, the ledger must not say "running"
            note = str(error) if isinstance(error, JarvisError) else type(error).__name__
            self._finish(position, OperationState.FAILED, note)
            if isinstance(error, FlyError):
                raise StepFailed(str(error)) from error
            raise
        self._finish(position, OperationState.DONE)
        return result

    def _until_settled(self, position: int, action: Callable[[], R]) -> R:
        begun, pause = time.monotonic(), _FIRST_PAUSE
        while True:
            try:
                return action()
            except (FlyError, DBAPIError) as error:
                if time.monotonic() - begun + pause > _patience(error).total_seconds():
                    raise
                note = str(error) if isinstance(error, FlyError) else "The database was busy."
                ledger.note_step(self._context, self.operation_id, position, note)
            if self._is_cancelled():
                raise Cancelled("Cancelled while it waited for Fly.")
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 (jitter, not a secret)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _is_cancelled(self) -> bool:
        return not self._committed and ledger.is_cancelled(self._context, self.operation_id)

    def _finish(self, position: int, state: OperationState, note: str = "") -> None:
        ledger.finish_step(self._context, self.operation_id, position, state, note)


def _patience(error: FlyError | DBAPIError) -> timedelta:
    if isinstance(error, DBAPIError):
        return _DATABASE if isinstance(error, OperationalError | IntegrityError) else timedelta(0)
    return next((wait for kind, wait in _PATIENCE if isinstance(error, kind)), timedelta(0))
