"""The loops of backups: how they stand, which archives are begun, what the policy lets go.

Each may run twice. An archive is asked for under a key of the moment it was due, so that two
workers ask for the same operation; one that failed is asked for again when its patience is over.
"""

import structlog
from sqlalchemy import func, select

from jarvis_admin.domain.lifecycle import ACTIVE_OPERATION, OperationKind
from jarvis_admin.errors import Conflict, JarvisError
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Operation, Workspace
from jarvis_admin.services import backup_retention, backup_standings, operations
from jarvis_admin.services.backup_retention import Going
from jarvis_admin.services.backup_standings import Due

log = structlog.get_logger(__name__)

SCHEDULE = "schedule"
_PRUNED_AT_ONCE = 25
_CLEARED_AT_ONCE = 50


def keep_up(context: Context) -> int:
    """How many archives were begun."""
    now = context.clock()
    with context.sessions() as session:
        changes = backup_standings.look(session, now)
    if changes.count:
        with context.sessions.begin() as session:
            backup_standings.write(session, changes)
    if context.store is None:
        return 0  # each would fail with the same sentence
    return sum(_begin(context, one) for one in _due(context))


def _due(context: Context) -> list[Due]:
    with context.sessions() as session:
        running = session.scalar(
            select(func.count()).where(
                Operation.state.in_(ACTIVE_OPERATION),
                Operation.kind == OperationKind.ARCHIVE,
                Operation.asked_by == SCHEDULE,
            )
        )
        room = context.settings.archives_at_once - (running or 0)
        return backup_standings.due(session, context.clock(), room) if room > 0 else []


def _begin(context: Context, due: Due) -> bool:
    try:
        with context.sessions.begin() as session:
            operations.request_operation(
                session,
                session.get_one(Workspace, due.workspace_id),
                OperationKind.ARCHIVE,
                asked_by=SCHEDULE,
                now=context.clock(),
                enqueue=context.enqueue,
                key=f"{int(due.due_at.timestamp())}x{due.failures}",
            )
    except Conflict as busy:  # since we looked
        log.info("not archived now", workspace=due.workspace_id, why=str(busy))
        return False
    return True


def prune(context: Context) -> int:
    """How many archives were cleared away."""
    now = context.clock()
    with context.sessions() as session:
        waiting = backup_retention.waiting(session, _PRUNED_AT_ONCE)
    for workspace_id in waiting:
        with context.sessions.begin() as session:
            backup_retention.release(session, workspace_id, now)
    with context.sessions() as session:
        going = backup_retention.going(session, _CLEARED_AT_ONCE)
    return sum(_clear(context, one) for one in going)


def _clear(context: Context, one: Going) -> bool:
    """A store that does not answer leaves it going: the next round tries again."""
    if context.store is None:
        return False
    try:
        for found in list(context.store.list(one.folder)):
            context.store.delete(found.key)
    except JarvisError as silent:
        log.warning("not cleared away", archive=one.archive_id, why=str(silent))
        return False
    with context.sessions.begin() as session:
        backup_retention.gone(session, one.archive_id, context.clock())
    return True
