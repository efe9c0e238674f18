"""Operations: asked for here, carried out by the worker, read by the pages."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jarvis_admin.domain import lifecycle
from jarvis_admin.domain.lifecycle import ACTIVE_OPERATION, OperationKind, OperationState
from jarvis_admin.domain.pricing import Size
from jarvis_admin.errors import Conflict, NotFound
from jarvis_admin.models import Operation, Workspace
from jarvis_admin.services import audit, fleet, proof, quota_gate

# Puts an operation on the engine's queue within the session's own transaction.
Enqueue = Callable[[Session, Operation], None]

TITLES = {
    OperationKind.PROVISION: "Provision",
    OperationKind.START: "Wake",
    OperationKind.STOP: "Stop",
    OperationKind.SUSPEND: "Suspend",
    OperationKind.RESTART: "Restart",
    OperationKind.BACKUP: "Backup",
    OperationKind.ARCHIVE: "Archive",
    OperationKind.RESTORE: "Restore",
    OperationKind.RESET: "Reset",
    OperationKind.UNDO: "Way back",
    OperationKind.END_PARKING: "End of parking",
    OperationKind.DRILL: "Restore drill",
    OperationKind.SCRATCH: "Scratch machine",
    OperationKind.END_SCRATCH: "End of a scratch machine",
    OperationKind.DESTROY: "Destroy",
}


def request_operation(
    session: Session,
    workspace: Workspace,
    kind: OperationKind,
    *,
    asked_by: str,
    now: datetime,
    enqueue: Enqueue,
    reason: str = "",
    key: str | None = None,
    arguments: Mapping[str, Any] | None = None,
    needs_proof: bool = False,
    details: Mapping[str, Any] | None = None,
) -> Operation:
    """Record what was asked, audit it and enqueue it: all or nothing with the caller's commit.

    The same `key` for the same workspace and kind is the same operation, however often it is
    asked for. Raises Conflict when the state forbids it or another operation is under way, and
    with `needs_proof` when the user's newest backup is not proven restorable. `details` go into
    the audit trail.
    """
    operation_id = f"{workspace.id}-{kind}-{key or secrets.token_hex(8)}"
    known = session.get(Operation, operation_id)
    if known is not None:
        return known
    refuse_unless_allowed(session, workspace, kind, now)
    if needs_proof and (unproven := proof.refusal(session, workspace, now)):
        raise Conflict(unproven)
    operation = Operation(
        id=operation_id,
        workspace=workspace,
        kind=kind,
        state=OperationState.QUEUED,
        asked_by=asked_by,
        reason=reason,
        arguments=dict(arguments or {}),
        created_at=now,
    )
    _insert(session, workspace, operation)
    workspace.desired_state = lifecycle.desired_after(kind) or workspace.desired_state
    audit.record(
        session,
        at=now,
        actor=asked_by,
        action=kind,
        subject=workspace.handle,
        reason=reason,
        operation_id=operation.id,
        details=details,
    )
    fleet.bump(session)
    enqueue(session, operation)
    return operation


def refuse_unless_allowed(
    session: Session, workspace: Workspace, kind: OperationKind, now: datetime
) -> None:
    """Raises Conflict with why not: busy, destroyed, in the wrong state, or a quota used up."""
    active = active_on(session, workspace.id)
    if active is not None and kind not in lifecycle.BESIDE:
        raise _busy(workspace, active)
    if workspace.destroyed_at is not None and kind is not OperationKind.END_SCRATCH:
        raise Conflict(f"{workspace.handle} is destroyed: cannot {kind} it.")
    why = lifecycle.refusal(kind, workspace.state, Size.parse(workspace.size).memory_mb)
    why = why or quota_gate.refusal(session, workspace, kind, now)
    if why is not None:
        raise Conflict(f"{workspace.handle} {why}.")


def active_on(session: Session, workspace_id: int) -> Operation | None:
    """What keeps others from the workspace; work on copies of it does not."""
    return session.scalars(
        select(Operation).where(
            Operation.workspace_id == workspace_id,
            Operation.state.in_(ACTIVE_OPERATION),
            Operation.kind.not_in(lifecycle.BESIDE),
        )
    ).one_or_none()


def get_operation(session: Session, operation_id: str) -> Operation:
    operation = session.get(Operation, operation_id)
    if operation is None:
        raise NotFound(f"There is no operation {operation_id[:64]}.")
    return operation


def request_cancel(session: Session, operation: Operation, *, asked_by: str, now: datetime) -> None:
    """Ask the worker to stop before the next step; what a step has done stays done."""
    if not operation.active:
        raise Conflict(f"This operation is {operation.state} already: nothing to cancel.")
    if not operation.cancellable:
        raise Conflict("Too late to cancel: Fly has been asked already and is at it.")
    operation.cancel_requested = True
    audit.record(
        session,
        at=now,
        actor=asked_by,
        action="cancel",
        subject=operation.workspace.handle,
        operation_id=operation.id,
    )
    fleet.bump(session)


def _insert(session: Session, workspace: Workspace, operation: Operation) -> None:
    try:
        with session.begin_nested():
            session.add(operation)
    except IntegrityError as lost_race:
        active = active_on(session, workspace.id)
        if active is None:
            raise
        raise _busy(workspace, active) from lost_race


def _busy(workspace: Workspace, active: Operation) -> Conflict:
    title = TITLES[OperationKind(active.kind)].lower()
    article = "an" if title[0] in "aeiou" else "a"
    return Conflict(
        f"{workspace.handle} has {article} {title} under way, asked by {active.asked_by}: "
        "wait for it or cancel it."
    )
