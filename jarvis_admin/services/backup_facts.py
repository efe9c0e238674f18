"""What is known of every workspace's backups: a constant number of statements for any number."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select, text
from sqlalchemy.orm import Session

from jarvis_admin.domain.backup_standing import Facts, oddness
from jarvis_admin.domain.lifecycle import OperationKind, OperationState
from jarvis_admin.models import Archive, Brake, Operation, Restore, User, Workspace

_FAILURES_SINCE = timedelta(days=30)
_HISTORY = 10  # archives before the newest that its size is compared with
_AT_ONCE = 500

_a, _w, _u = (model.__table__.c for model in (Archive, Workspace, User))


@dataclass(frozen=True)
class Known:
    """A live workspace with a user, and its facts."""

    workspace_id: int
    plan_id: int
    user_id: int
    region: str  # where the user is at home
    newest_id: str
    archives: int
    stored_bytes: int
    facts: Facts


def gather(session: Session, odd: dict[int, tuple[str, str]], now: datetime) -> list[Known]:
    """Six statements, and one for each 500 whose newest archive is another than in `odd`:
    by workspace the archive that was looked at, and what was strange about its size."""
    rows = _everybody(session)
    failed, damaged = _failures(session, now), _damaged(session)
    parked, braked = _parked(session), set(_braked(session))
    changed = [row.id for row in rows if row.newest_id and _news(row, odd)]
    strange = {one: said for one, (_, said) in odd.items()} | _oddnesses(session, changed)
    return [
        Known(
            row.id,
            row.plan_id,
            row.user_id,
            row.region,
            row.newest_id or "",
            int(row.archives or 0),
            int(row.stored_bytes or 0),
            Facts(
                born=row.created_at,
                first_good_at=row.first_good_at,
                last_good_at=row.last_good_at,
                proven_at=row.proven_at,
                damaged=_newer(damaged.get(row.id), row.last_good_at),
                drill_error=row.drill_error or "",
                odd=strange.get(row.id, ""),
                parked_until=parked.get(row.id),
                braked=row.id in braked,
                **_since(failed.get(row.id, ()), row.last_good_at),
            ),
        )
        for row in rows
    ]


def _news(row: Any, odd: dict[int, tuple[str, str]]) -> bool:
    return row.id not in odd or odd[row.id][0] != row.newest_id


def _everybody(session: Session) -> Sequence[Any]:
    good = _a.error == ""
    sums = (
        select(
            _a.workspace_id,
            func.max(case((good, _a.started_at))).label("last_good_at"),
            func.min(case((good, _a.started_at))).label("first_good_at"),
            func.max(case((good, _a.proven_at))).label("proven_at"),
            func.count().label("archives"),
            func.sum(_a.stored_bytes).label("stored_bytes"),
        )
        .where(_a.state == "stored", _a.gone_at.is_(None))
        .group_by(_a.workspace_id)
        .subquery("sums")
    )
    newest = (_a.workspace_id == _w.id) & (_a.started_at == sums.c.last_good_at)
    return session.execute(
        select(
            _w.id,
            _w.plan_id,
            _w.user_id,
            _u.region,
            _w.created_at,
            sums.c.last_good_at,
            sums.c.first_good_at,
            sums.c.proven_at,
            sums.c.archives,
            sums.c.stored_bytes,
            _a.id.label("newest_id"),
            _a.drill_error,
        )
        .select_from(
            Workspace.__table__.join(User.__table__, _u.id == _w.user_id)
            .outerjoin(sums, sums.c.workspace_id == _w.id)
            .outerjoin(Archive.__table__, newest & (_a.state == "stored") & good)
        )
        .where(_w.destroyed_at.is_(None), _w.volume_id.is_not(None))
    ).all()


def _failures(session: Session, now: datetime) -> dict[int, list[tuple[datetime, str]]]:
    """By workspace, oldest first; one that was cancelled was given up as well."""
    found = defaultdict(list)
    rows = session.execute(
        select(Operation.workspace_id, Operation.created_at, Operation.finished_at, Operation.error)
        .where(
            Operation.state.in_((OperationState.FAILED, OperationState.CANCELLED)),
            Operation.created_at > now - _FAILURES_SINCE,
            Operation.kind == OperationKind.ARCHIVE,
        )
        .order_by(Operation.created_at)
    )
    for workspace_id, created_at, finished_at, error in rows:
        found[workspace_id].append((finished_at or created_at, error or "It was cancelled."))
    return found


def _since(failed: Iterable[tuple[datetime, str]], good: datetime | None) -> dict[str, Any]:
    newer = [one for one in failed if good is None or one[0] > good]
    if not newer:
        return {}
    return {"failures": len(newer), "failed_at": newer[-1][0], "failure": newer[-1][1][:500]}


def _damaged(session: Session) -> dict[int, tuple[datetime, str]]:
    rows = session.execute(
        select(_a.workspace_id, _a.started_at, _a.error)
        .where(_a.state == "stored", _a.verified_at.is_(None), _a.error != "", _a.gone_at.is_(None))
        .order_by(_a.started_at)
    )
    return {row.workspace_id: (row.started_at, row.error) for row in rows}


def _newer(damaged: tuple[datetime, str] | None, good: datetime | None) -> str:
    if damaged is None or (good is not None and damaged[0] < good):
        return ""
    return damaged[1]


def _parked(session: Session) -> dict[int, datetime]:
    rows = session.execute(
        select(Restore.workspace_id, Restore.parked_until).where(
            # Spelled like the partial index, so that it is found.
            text("parked_until IS NOT NULL AND parking_ended_at IS NULL")
        )
    )
    return {row.workspace_id: row.parked_until for row in rows if row.parked_until}


def _braked(session: Session) -> Sequence[int]:
    return session.scalars(select(Brake.workspace_id).where(Brake.reason != "")).all()


def _oddnesses(session: Session, ids: Sequence[int]) -> dict[int, str]:
    sizes: dict[int, list[int]] = defaultdict(list)
    for begin in range(0, len(ids), _AT_ONCE):
        rows = session.execute(
            select(_a.workspace_id, _a.bytes)
            .where(
                _a.workspace_id.in_(ids[begin : begin + _AT_ONCE]),
                _a.state == "stored",
                _a.error == "",
                _a.gone_at.is_(None),
            )
            .order_by(_a.started_at)
        )
        for workspace_id, size in rows:
            sizes[workspace_id].append(size)
    return {one: oddness(all_[-1], all_[-1 - _HISTORY : -1]) for one, all_ in sizes.items()}
