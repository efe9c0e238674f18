"""One worker at a time runs a loop: a lease row, taken by a conditional update."""

from datetime import timedelta

from sqlalchemy import or_, update
from sqlalchemy.exc import IntegrityError

from jarvis_admin.jobs.context import Context
from jarvis_admin.models import LoopLease

# Short, so that a dead worker's loops are taken over soon; every loop may run twice for a moment.
TERM = timedelta(seconds=12)


def hold(context: Context, name: str, holder: str) -> bool:
    """Take or extend the lease for its term; False: another worker has it, and lives."""
    now = context.clock()
    with context.sessions.begin() as session:
        taken = session.execute(
            update(LoopLease)
            .where(
                LoopLease.name == name,
                or_(LoopLease.holder == holder, LoopLease.until < now),
            )
            .values(holder=holder, until=now + TERM)
        )
        if taken.rowcount:  # type: ignore[attr-defined]
            return True
        if session.get(LoopLease, name) is not None:
            return False
    return _found(context, name, holder)


def _found(context: Context, name: str, holder: str) -> bool:
    try:
        with context.sessions.begin() as session:
            session.add(LoopLease(name=name, holder=holder, until=context.clock() + TERM))
    except IntegrityError:
        return False
    return True
