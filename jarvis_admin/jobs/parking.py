"""The loops over what restores have parked: it stays asleep, and goes when its time is over.

Each may run twice: they ask Fly only about what our rows say is not as it should be.
"""

from contextlib import suppress
from datetime import timedelta

import structlog
from sqlalchemy import Select, or_, select

from jarvis_admin.domain.lifecycle import MachineState, OperationKind, OperationState
from jarvis_admin.domain.restores import Target
from jarvis_admin.errors import Conflict
from jarvis_admin.fly.errors import FlyError
from jarvis_admin.jobs import changeover, guests, scratch
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.steps import StepFailed
from jarvis_admin.models import Brake, Machine, Operation, Restore, Workspace
from jarvis_admin.services import parking, restores, scratches

_AT_ONCE = 20
_AFTER_A_FAILURE = timedelta(hours=1)
_AT_REST = (MachineState.STOPPED, MachineState.DESTROYED, MachineState.CREATED)

log = structlog.get_logger(__name__)


def keep(context: Context) -> int:
    """Parked machines that run all the same, as when their host is back, are rested again."""
    with context.sessions() as session:
        awake = session.execute(
            select(Workspace.app_name, Machine.id)
            .select_from(Restore)
            .join(Machine, Machine.id == Restore.parked_machine_id)
            .join(Workspace, Workspace.id == Restore.workspace_id)
            .where(
                Restore.parked_until.is_not(None),
                Restore.parking_ended_at.is_(None),
                Machine.state.not_in(_AT_REST),
                or_(Workspace.machine_id.is_(None), Workspace.machine_id != Machine.id),
                Workspace.id.not_in(_busy()),
            )
            .limit(_AT_ONCE)
        ).all()
    for app, machine_id in awake:
        try:
            guests.rest(context, app, machine_id)
        except FlyError as silent:
            log.warning("parked machine cannot be rested", machine=machine_id, why=str(silent))
    return len(awake)


def admit(context: Context) -> int:
    """Changed over, but Fly did not let visitors in any more: asked for again."""
    with context.sessions() as session:
        shut = session.execute(
            select(Workspace.app_name, Workspace.machine_id)
            .join(Restore, Restore.machine_id == Workspace.machine_id)
            .join(Operation, Operation.id == Restore.operation_id)
            .outerjoin(Brake, Brake.cordoned_machine == Workspace.machine_id)
            .where(
                Brake.workspace_id.is_(None),
                Restore.state == "done",
                Operation.state == OperationState.FAILED,
                Restore.finished_at > context.clock() - timedelta(days=1),
            )
            .limit(_AT_ONCE)
        ).all()
    for app, machine_id in shut:
        try:
            guests.admit(context, app, machine_id or "")
        except FlyError as silent:
            log.warning("machine cannot be let in", machine=machine_id, why=str(silent))
    return len(shut)


def expire(context: Context) -> int:
    """Ask for the end of what has been parked long enough; how much."""
    now = context.clock()
    with context.sessions() as session:
        due = parking.overdue(session, now, _AT_ONCE)
    return sum(_end(context, restore_id) for restore_id in due)


def end_scratches(context: Context) -> int:
    """Ask for the end of what was only made to be looked at."""
    with context.sessions() as session:
        due = [row.id for row in scratches.overdue(session, context.clock(), _AT_ONCE)]
    for restore_id in due:
        with suppress(Conflict), context.sessions.begin() as session:
            scratches.request_end(
                session,
                session.get_one(Restore, restore_id),
                asked_by="system",
                now=context.clock(),
                enqueue=context.enqueue,
            )
    return len(due)


def clear_left(context: Context) -> int:
    """Remove what restores left at Fly that were broken off; how many it was tried for."""
    with context.sessions() as session:
        left = [(row.id, row.target) for row in restores.left_behind(session, _AT_ONCE)]
    for restore_id, target in left:
        try:
            if target == Target.HERE:
                changeover.remove_made(context, restore_id)
            else:
                scratch.remove(context, restore_id)
        except (FlyError, StepFailed) as silent:
            log.warning("left behind", restore=restore_id, why=str(silent))
            continue
        with context.sessions.begin() as session:
            restores.cleared(session, restore_id)
    return len(left)


def _end(context: Context, restore_id: str) -> bool:
    now = context.clock()
    try:
        with context.sessions.begin() as session:
            row = session.get_one(Restore, restore_id)
            if parking.tried_lately(session, row, now - _AFTER_A_FAILURE):
                return False
            parking.request_end(
                session, row, how="expired", asked_by="system", now=now, enqueue=context.enqueue
            )
    except Conflict as busy:
        log.info("parking goes on", restore=restore_id, why=str(busy))
        return False
    return True


def _busy() -> Select[int]:
    """On their way back they are meant to run."""
    return select(Operation.workspace_id).where(
        Operation.kind == OperationKind.UNDO,
        Operation.state.in_((OperationState.QUEUED, OperationState.RUNNING)),
    )
