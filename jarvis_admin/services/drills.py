"""Restore drills: which archive is next, what came of one, and asking for one."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.domain.guest import Mark
from jarvis_admin.domain.lifecycle import ACTIVE_OPERATION, OperationKind
from jarvis_admin.errors import Conflict, NotFound
from jarvis_admin.models import Archive, Drill, Operation, Workspace
from jarvis_admin.services import backup_policies, fleet, operations
from jarvis_admin.services.operations import Enqueue

# What failed for a reason of ours or Fly's is not tried again at once.
_BREATH = timedelta(hours=6)
_DAY = timedelta(days=1)

_a, _d, _w, _o = Archive, Drill, Workspace, Operation

_newest = (
    select(_a.id)
    .where(
        _a.workspace_id == _w.id,
        _a.state == "stored",
        _a.error == "",
        _a.gone_at.is_(None),
    )
    .order_by(_a.started_at.desc())
    .limit(1)
    .correlate(_w)
    .scalar_subquery()
)
_proven_at = (
    select(func.max(_a.proven_at)).where(_a.workspace_id == _w.id).correlate(_w).scalar_subquery()
)
_under_way = exists().where(
    _o.workspace_id == _w.id,
    _o.kind == OperationKind.DRILL,
    _o.state.in_(ACTIVE_OPERATION),
)


def choose(session: Session, count: int) -> Sequence[Archive]:
    """The newest sound archive of each user: never proven first, then the longest ago; among
    equals by chance. Nobody twice, nobody whose drill is under way."""
    ids = [row.archive_id for row in session.execute(_candidates().limit(count))]
    return [session.get_one(Archive, archive_id) for archive_id in ids]


def due(session: Session, count: int, now: datetime) -> Sequence[Archive]:
    """Of those, whose policy wants a proof by now and who were not tried a moment ago."""
    recent = exists(_d.id).where(_d.workspace_id == _w.id, _d.started_at > now - _BREATH)
    found = session.execute(_candidates().where(~recent).execution_options(yield_per=100))
    return list(_wanted(session, found, count, now))


def under_way(session: Session) -> int:
    active = _o.state.in_(ACTIVE_OPERATION)
    count = select(func.count()).where(_o.kind == OperationKind.DRILL, active)
    return session.scalar(count) or 0


def active_on(session: Session, workspace_id: int) -> Operation | None:
    """The drill of the user's archive that is under way, if one is."""
    return session.scalars(
        select(_o)
        .where(
            _o.workspace_id == workspace_id,
            _o.kind == OperationKind.DRILL,
            _o.state.in_(ACTIVE_OPERATION),
        )
        .limit(1)
    ).first()


def ask(
    session: Session,
    archive: Archive,
    *,
    asked_by: str,
    now: datetime,
    enqueue: Enqueue,
    reason: str = "",
    key: str | None = None,
) -> Operation:
    """Raises Conflict for one that cannot be restored, or while a drill of the user runs."""
    # Locked: what lets old archives go looks at those in use.
    session.flush()
    session.scalars(select(Archive.id).where(Archive.id == archive.id).with_for_update()).one()
    workspace = session.get_one(Workspace, archive.workspace_id)
    known = key and session.get(Operation, f"{workspace.id}-{OperationKind.DRILL}-{key}")
    if archive.state != "stored" or archive.gone_at is not None:
        raise Conflict("Only an archive that is in the store can be drilled.")
    if not known and active_on(session, workspace.id) is not None:
        raise Conflict(f"A drill of {workspace.handle} is under way already.")
    return operations.request_operation(
        session,
        workspace,
        OperationKind.DRILL,
        asked_by=asked_by,
        now=now,
        enqueue=enqueue,
        reason=reason,
        key=key,
        arguments={"archive": archive.id},
    )


def get_archive(session: Session, archive_id: str) -> Archive:
    found = session.get(Archive, archive_id) if archive_id.isalnum() else None
    if found is None:
        raise NotFound(f"There is no archive {archive_id[:32]}.")
    return found


def begin(session: Session, operation_id: str, settings: Settings, now: datetime) -> Drill:
    """The row of the operation's drill, found or made; its app's name is in it before Fly is
    called."""
    known = of_operation(session, operation_id)
    if known is not None:
        return known
    operation = session.get_one(Operation, operation_id)
    archive = session.get_one(Archive, operation.arguments["archive"])
    drill_id = secrets.token_hex(8)
    drill = Drill(
        id=drill_id,
        archive_id=archive.id,
        workspace_id=archive.workspace_id,
        operation_id=operation_id,
        state="running",
        app_name=Mark(settings.fleet, settings.environment).app_name("drill", drill_id),
        started_at=now,
    )
    session.add(drill)
    session.flush()
    return drill


def of_operation(session: Session, operation_id: str) -> Drill | None:
    return session.scalars(select(Drill).where(Drill.operation_id == operation_id)).one_or_none()


def passed(session: Session, drill_id: str, *, boot_ms: int, now: datetime) -> None:
    """Every path was compared, and the machine on them answered."""
    drill = session.get_one(Drill, drill_id)
    archive = session.get_one(Archive, drill.archive_id)
    drill.state, drill.error, drill.finished_at = "passed", "", now
    drill.files, drill.bytes, drill.boot_ms = archive.files, archive.bytes, boot_ms
    archive.proven_at = archive.drilled_at = now
    archive.drill_error = ""
    fleet.bump(session)


def failed(
    session: Session, drill_id: str, why: str, *, archives_fault: bool, now: datetime
) -> None:
    """Only what is wrong with the archive is held against it: not our trouble, nor Fly's."""
    drill = session.get_one(Drill, drill_id)
    archive = session.get_one(Archive, drill.archive_id)
    drill.state, drill.error, drill.finished_at = "failed", why[:500], now
    archive.drilled_at = now
    if archives_fault:
        archive.proven_at, archive.drill_error = None, why[:500]
    fleet.bump(session)


def end_orphaned(session: Session, now: datetime) -> int:
    """Drills whose operation ended without writing their end; how many."""
    found = session.scalars(
        select(_d.id)
        .join(_o, _o.id == _d.operation_id)
        .where(_d.state == "running", _o.state.not_in(ACTIVE_OPERATION))
    ).all()
    for drill_id in found:
        failed(session, drill_id, "It was broken off.", archives_fault=False, now=now)
    return len(found)


def _candidates() -> Select[*tuple[Any, ...]]:
    return (
        select(
            _w.plan_id,
            _w.user_id,
            _newest.label("archive_id"),
            _proven_at.label("proven_at"),
        )
        .where(_w.destroyed_at.is_(None), _newest.is_not(None), ~_under_way)
        .order_by(_proven_at.asc().nulls_first(), func.random())
    )


def _wanted(
    session: Session, found: Iterable[Row[*tuple[Any, ...]]], count: int, now: datetime
) -> Iterator[Archive]:
    policies = backup_policies.load(session)
    for plan_id, user_id, archive_id, proven_at in found:
        if not count or (proven_at is not None and proven_at > now - _DAY):
            return  # those that follow were proven later still
        days = policies.of(plan_id, user_id).prove_days
        if days and (proven_at is None or proven_at <= now - timedelta(days=days)):
            yield session.get_one(Archive, archive_id)
            count -= 1
