"""Declares durable operations: a recipe of steps, run under the engine, told in our ledger."""

from collections.abc import Callable

import structlog
from dbos import DBOS

from jarvis_admin.domain.lifecycle import OperationKind, OperationState
from jarvis_admin.jobs import ledger
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.steps import Cancelled, Step, StepFailed
from jarvis_admin.metrics import OPERATIONS

Recipe = Callable[[Step, int], None]

log = structlog.get_logger(__name__)

_MOST_RECOVERIES = 50
_INTERNAL = "Something went wrong inside Jarvis Admin ({}). It has been reported; ask again."


class Bench:
    """Where the worker of this process puts the context its operations work with."""

    context: Context | None = None


def operation(kind: OperationKind) -> Callable[[Recipe], Recipe]:
    """The recipe gets the steps and the workspace's id; its order of steps is its contract.

    Changing that order needs a new engine version (see jobs/engine.py).
    """

    def declare(recipe: Recipe) -> Recipe:
        def run(operation_id: str) -> None:
            _carry_out(operation_id, recipe)

        run.__qualname__ = f"operation.{kind}"
        DBOS.workflow(name=str(kind), max_recovery_attempts=_MOST_RECOVERIES)(run)
        return recipe

    return declare


def _carry_out(operation_id: str, recipe: Recipe) -> None:
    context = Bench.context
    assert context is not None, "launch the engine before work is taken"
    with structlog.contextvars.bound_contextvars(operation_id=operation_id):
        workspace_id = DBOS.run_step({"name": "begin"}, ledger.begin, context, operation_id)
        log.info("operation begins")
        try:
            recipe(Step(context, operation_id), workspace_id)
        except Cancelled as cancelled:
            _finish(context, operation_id, OperationState.CANCELLED, str(cancelled))
        except StepFailed as refused:
            _finish(context, operation_id, OperationState.FAILED, str(refused))
        except Exception as bug:
            told = _INTERNAL.format(type(bug).__name__)
            _finish(context, operation_id, OperationState.FAILED, told)
            raise
        else:
            _finish(context, operation_id, OperationState.DONE, "")


def _finish(context: Context, operation_id: str, state: OperationState, error: str) -> None:
    DBOS.run_step({"name": "finish"}, ledger.finish, context, operation_id, state, error)
    kind = operation_id.split("-")[1]
    OPERATIONS.labels(kind, state).inc()
    log.info("operation ends", kind=kind, outcome=state, error=error)
