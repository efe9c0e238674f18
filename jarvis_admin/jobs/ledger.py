"""What the worker writes into our own rows while it carries an operation out.

Every function opens and commits its own short transaction: none is open while Fly answers.
"""

from jarvis_admin.domain.lifecycle import BESIDE, OperationState
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Operation, OperationStep
from jarvis_admin.services import fleet, restores

_NOTE = 500


def begin(context: Context, operation_id: str) -> int:
    """Mark it running; returns the workspace's id. Safe to run again after a crash."""
    with context.sessions.begin() as session:
        operation = session.get_one(Operation, operation_id)
        operation.state = OperationState.RUNNING
        operation.started_at = operation.started_at or context.clock()
        fleet.bump(session)
        return operation.workspace_id


def finish(context: Context, operation_id: str, state: OperationState, error: str) -> None:
    with context.sessions.begin() as session:
        operation = session.get_one(Operation, operation_id)
        operation.state = state
        operation.error = error
        operation.finished_at = context.clock()
        if operation.kind not in BESIDE:  # else it may be what another operation is after
            operation.workspace.desired_state = None
        if state != OperationState.DONE:
            restores.broken_off(session, operation_id, error, context.clock())
        fleet.bump(session)


def is_cancelled(context: Context, operation_id: str) -> bool:
    with context.sessions() as session:
        return session.get_one(Operation, operation_id).cancel_requested


def commit(context: Context, operation_id: str) -> None:
    """From here on there is nothing left to cancel."""
    with context.sessions.begin() as session:
        session.get_one(Operation, operation_id).cancellable = False
        fleet.bump(session)


def begin_step(context: Context, operation_id: str, position: int, name: str) -> None:
    with context.sessions.begin() as session:
        step = session.get(OperationStep, (operation_id, position))
        if step is None:
            step = OperationStep(
                operation_id=operation_id,
                position=position,
                name=name,
                attempts=0,
                started_at=context.clock(),
            )
            session.add(step)
        step.state = OperationState.RUNNING
        step.attempts += 1
        fleet.bump(session)


def note_step(context: Context, operation_id: str, position: int, note: str) -> None:
    """Say why the step is still being tried."""
    with context.sessions.begin() as session:
        step = session.get_one(OperationStep, (operation_id, position))
        step.note = note[:_NOTE]
        step.attempts += 1
        fleet.bump(session)


def finish_step(
    context: Context, operation_id: str, position: int, state: OperationState, note: str = ""
) -> None:
    with context.sessions.begin() as session:
        step = session.get_one(OperationStep, (operation_id, position))
        step.state = state
        step.note = note[:_NOTE]
        step.finished_at = context.clock()
        fleet.bump(session)
