"""What staff have done in the demo fleet of late: operations with their audit entries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.domain.lifecycle import OperationState
from jarvis_admin.models import Operation, Workspace
from jarvis_admin.services import audit, operations
from jarvis_admin.services.operations import Enqueue

_MARTA, _JONAS = "Marta Keller", "Jonas Brandt"

# handle, kind, who, hours ago, seconds it took, reason, error
_DONE = (
    ("anders", K.STOP, _JONAS, 76.4, 1.2, "case 4098: not used before January", ""),
    ("amir", K.RESTART, _JONAS, 52.1, 4.1, "case 4103: editor does not load", ""),
    ("alejandra", K.START, _JONAS, 27.6, 2.9, "case 4119", ""),
    (
        "ana",
        K.START,
        _JONAS,
        9.2,
        61.4,
        "case 4127: cannot reach her machine",
        "Fly has no room in gru right now. (Fly request 01KAQ9H2X9P4D6N7C1J8FQ3M5E-gru)",
    ),
    ("ana", K.START, _JONAS, 8.9, 3.3, "case 4127: tried again", ""),
    ("amelie", K.STOP, _MARTA, 5.1, 1.4, "before the image change", ""),
    ("asher", K.STOP, _JONAS, 3.4, 0.9, "case 4131: asked for by the user", ""),
)


_BACKUPS = ("alice", "ada", "astrid", "agnes")


@dataclass(frozen=True)
class Work:
    handle: str
    kind: K
    who: str
    at: datetime
    seconds: float
    reason: str = ""
    error: str = ""


def add(session: Session, now: datetime) -> None:
    """Every sign-up, and what staff did since, in the order it happened."""
    workspaces = {row.handle: row for row in session.scalars(select(Workspace))}
    work = [Work(w.handle, K.PROVISION, "sign-up", w.created_at, 6.2) for w in workspaces.values()]
    work += [
        Work(handle, kind, who, now - timedelta(hours=hours), seconds, reason, error)
        for handle, kind, who, hours, seconds, reason, error in _DONE
    ]
    for one in sorted(work, key=lambda one: one.at):
        _record(session, workspaces[one.handle], one)


def ask_backups(session: Session, now: datetime, enqueue: Enqueue) -> None:
    for workspace in session.scalars(select(Workspace).where(Workspace.handle.in_(_BACKUPS))):
        operations.request_operation(
            session, workspace, K.BACKUP, asked_by=_MARTA, now=now, enqueue=enqueue
        )


def _record(session: Session, workspace: Workspace, work: Work) -> None:
    operation = Operation(
        id=f"{workspace.id}-{work.kind}-{int(work.at.timestamp())}",
        workspace=workspace,
        kind=work.kind,
        state=OperationState.FAILED if work.error else OperationState.DONE,
        asked_by=work.who,
        reason=work.reason,
        error=work.error,
        created_at=work.at,
        started_at=work.at,
        finished_at=work.at + timedelta(seconds=work.seconds),
    )
    session.add(operation)
    session.flush()
    audit.record(
        session,
        at=work.at,
        actor=work.who,
        action=work.kind,
        subject=work.handle,
        reason=work.reason,
        operation_id=operation.id,
    )
