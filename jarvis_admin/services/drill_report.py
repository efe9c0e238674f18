"""What was drilled in a month, and how well the users' backups are proven: for auditors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.months import Month
from jarvis_admin.models import Archive, Drill, Operation, Workspace

# Proven within so many days: the steps of the report's table.
STEPS = (7, 30, 90)

_d, _w, _a, _o = Drill, Workspace, Archive, Operation


@dataclass(frozen=True)
class Report:
    """`proven` counts, for each of STEPS, the users whose last passed drill is at most so old."""

    month: Month
    until: datetime  # its end, or now
    passed: int
    failed: int
    running: int
    files: int
    bytes: int
    users: int
    proven: Sequence[int]
    never: int


def report(session: Session, month: Month, now: datetime) -> Report:
    until = min(month.end, now)
    within = (_d.started_at >= month.start, _d.started_at < month.end)
    sums = session.execute(
        select(_d.state, func.count(), func.sum(_d.files), func.sum(_d.bytes))
        .where(*within)
        .group_by(_d.state)
    ).all()
    counts = {state: count for state, count, _files, _bytes in sums}
    users, ever, proven = _coverage(session, until)
    return Report(
        month=month,
        until=until,
        passed=counts.get("passed", 0),
        failed=counts.get("failed", 0),
        running=counts.get("running", 0),
        files=sum(files for _state, _count, files, _bytes in sums),
        bytes=sum(count for _state, _count, _files, count in sums),
        users=users,
        proven=proven,
        never=users - ever,
    )


def rows(
    session: Session, month: Month, limit: int | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Newest first: each drill with whose, of which archive, and who asked for it."""
    return session.execute(
        select(
            _d.id,
            _d.operation_id,
            _d.state,
            _d.error,
            _d.files,
            _d.bytes,
            _d.boot_ms,
            _d.started_at,
            _d.finished_at,
            _d.archive_id,
            _w.handle,
            _o.asked_by,
            func.coalesce(_a.snapshot_at, _a.started_at).label("shows"),
        )
        .join(_w, _w.id == _d.workspace_id)
        .join(_a, _a.id == _d.archive_id)
        .join(_o, _o.id == _d.operation_id)
        .where(_d.started_at >= month.start, _d.started_at < month.end)
        .order_by(_d.started_at.desc(), _d.id)
        .limit(limit)
    ).all()


def _coverage(session: Session, until: datetime) -> tuple[int, int, list[int]]:
    """Users with a machine then; of these ever proven; and proven within each of STEPS."""
    last = _last_proofs(until).subquery()
    newest = last.c.proven_at
    counted = select(
        func.count(),
        func.count(newest),
        *(func.count().filter(newest > until - timedelta(days=days)) for days in STEPS),
    )
    found = session.execute(
        counted.select_from(_w)
        .outerjoin(last, last.c.workspace_id == _w.id)
        .where(
            _w.user_id.is_not(None),
            _w.created_at < until,
            or_(_w.destroyed_at.is_(None), _w.destroyed_at >= until),
        )
    ).one()
    return found[0], found[1], list(found[2:])


def _last_proofs(until: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(_d.workspace_id, func.max(_d.finished_at).label("proven_at"))
        .where(_d.state == "passed", _d.finished_at < until)
        .group_by(_d.workspace_id)
    )
