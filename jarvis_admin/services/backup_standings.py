"""How everybody's backups stand: renewed by the worker, read by the pages, asked what is due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, text, tuple_, update
from sqlalchemy.orm import Session

from jarvis_admin.domain import backup_schedule
from jarvis_admin.domain.backup_standing import RANKS, Trouble, stand
from jarvis_admin.domain.lifecycle import (
    ACTIVE_OPERATION,
    BESIDE,
    MachineState,
    OperationKind,
    allowed,
)
from jarvis_admin.models import BackupStanding, Brake, Operation, Plan, Workspace
from jarvis_admin.services import backup_facts, backup_policies, fleet
from jarvis_admin.services.backup_facts import Known
from jarvis_admin.services.backup_policies import Policies

PAGE = 25
_AT_ONCE = 500
_s = BackupStanding.__table__.c
_MAY_BEGIN = [state for state in MachineState if allowed(OperationKind.ARCHIVE, state)]
_DERIVED = [c.name for c in _s if c.name not in ("workspace_id", "stood_at", "pruned_at")]


@dataclass(frozen=True)
class Changes:
    """What differs from the rows there are."""

    new: Sequence[dict[str, Any]]
    moved: Sequence[dict[str, Any]]
    gone: Sequence[int]

    @property
    def count(self) -> int:
        return len(self.new) + len(self.moved) + len(self.gone)


def look(session: Session, now: datetime) -> Changes:
    """Reads only; the number of statements does not grow with the fleet."""
    held = {row.workspace_id: row for row in session.execute(select(*_s))}
    odd = {one: (row.newest_id, row.odd) for one, row in held.items()}
    policies = backup_policies.load(session)
    found = backup_facts.gather(session, odd, now)
    wanted = {one.workspace_id: _row(one, policies, now) for one in found}
    return Changes(
        new=[row | {"stood_at": now} for one, row in wanted.items() if one not in held],
        moved=[
            row | {"stood_at": now}
            for one, row in wanted.items()
            if one in held and any(row[name] != getattr(held[one], name) for name in _DERIVED)
        ],
        gone=[one for one in held if one not in wanted],
    )


def write(session: Session, changes: Changes) -> None:
    if not changes.count:
        return
    # Another worker may have been here since we looked.
    known = set(session.scalars(select(_s.workspace_id))) if changes.new else set()
    new = [row for row in changes.new if row["workspace_id"] not in known]
    if new:
        session.execute(insert(BackupStanding), new)
    if changes.moved:
        session.execute(update(BackupStanding), list(changes.moved))
    for begin in range(0, len(changes.gone), _AT_ONCE):
        some = changes.gone[begin : begin + _AT_ONCE]
        session.execute(delete(BackupStanding).where(_s.workspace_id.in_(some)))
    fleet.bump(session)


def renew(session: Session, now: datetime) -> int:
    """Both in one transaction, for a small fleet or a test; how many rows are different."""
    changes = look(session, now)
    write(session, changes)
    return changes.count


def _row(known: Known, policies: Policies, now: datetime) -> dict[str, Any]:
    policy = policies.of(known.plan_id, known.user_id)
    plan = backup_schedule.schedule(policy, known.region, known.workspace_id)
    found = stand(known.facts, plan, now)
    return {
        "workspace_id": known.workspace_id,
        "due_at": found.due_at,
        "begin_at": found.begin_at,
        "in_policy": found.in_policy,
        "proven": found.proven,
        "unproven_since": found.unproven_since,
        "said": found.said,
        "failures": known.facts.failures,
        "last_good_at": known.facts.last_good_at,
        "newest_id": known.newest_id,
        "odd": known.facts.odd,
        "archives": known.archives,
        "stored_bytes": known.stored_bytes,
        "trouble": found.trouble or "",
        "rank": RANKS[found.trouble] if found.trouble else 0,
    }


class Due(NamedTuple):
    workspace_id: int
    due_at: datetime
    failures: int


def due(session: Session, now: datetime, limit: int) -> list[Due]:
    """Longest overdue first; without those that are busy, braked, or in no state for it."""
    busy = select(Operation.id).where(
        Operation.workspace_id == _s.workspace_id,
        Operation.state.in_(ACTIVE_OPERATION),
        Operation.kind.not_in(BESIDE),
    )
    braked = select(Brake.workspace_id).where(
        Brake.workspace_id == _s.workspace_id, Brake.reason != ""
    )
    rows = session.execute(
        select(_s.workspace_id, _s.due_at, _s.failures)
        .join(Workspace, Workspace.id == _s.workspace_id)
        .where(
            _s.begin_at <= now,
            Workspace.destroyed_at.is_(None),
            Workspace.state.in_(_MAY_BEGIN),
            ~busy.exists(),
            ~braked.exists(),
        )
        .order_by(_s.due_at, _s.workspace_id)
        .limit(limit)
    )
    return [Due(*row) for row in rows]


@dataclass(frozen=True)
class Counts:
    users: int
    in_policy: int
    late: int
    proven: int
    failing: int
    archives: int
    stored_bytes: int
    stood_at: datetime | None


def counts(session: Session) -> Counts:
    users, in_policy, late, proven, failing, archives, size, at = session.execute(
        select(
            func.count(),
            func.count().filter(_s.in_policy),
            func.count().filter(_s.trouble.in_((Trouble.NEVER, Trouble.LATE))),
            func.count().filter(_s.proven),
            func.count().filter(_s.trouble == Trouble.DRILL_FAILED),
            func.coalesce(func.sum(_s.archives), 0),
            func.coalesce(func.sum(_s.stored_bytes), 0),
            func.max(_s.stood_at),
        )
    ).one()
    return Counts(users, in_policy, late, proven, failing, int(archives), int(size), at)


def oldest_unproven(session: Session) -> tuple[str, datetime] | None:
    """Whose last proof, or first archive before any, is the longest ago."""
    row = session.execute(
        select(Workspace.handle, _s.unproven_since)
        .join(Workspace, Workspace.id == _s.workspace_id)
        .where(_s.unproven_since.is_not(None), ~_s.proven)
        .order_by(_s.unproven_since)
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])


class Cursor(NamedTuple):
    rank: int
    id: int


def in_trouble(
    session: Session, troubles: Collection[Trouble], after: Cursor | None
) -> tuple[Sequence[Any], Cursor | None]:
    """A page, worst first, and where the next begins; all troubles if none is named.

    One statement.
    """
    asked = (
        select(
            *_s,
            Workspace.handle,
            Workspace.region,
            Plan.name.label("plan"),
            Operation.id.label("operation_id"),
            Operation.kind.label("busy"),
        )
        .join(Workspace, Workspace.id == _s.workspace_id)
        .join(Plan, Plan.id == Workspace.plan_id)
        .outerjoin(
            Operation,
            (Operation.workspace_id == _s.workspace_id)
            & text("operations.state IN ('queued', 'running')")
            & Operation.kind.not_in(BESIDE),
        )
        .where(text("rank > 0"))
        .order_by(_s.rank, _s.workspace_id)
        .limit(PAGE + 1)
    )
    if troubles:
        asked = asked.where(_s.rank.in_([RANKS[one] for one in troubles]))
    if after is not None:
        asked = asked.where(tuple_(_s.rank, _s.workspace_id) > tuple_(*after))
    rows = session.execute(asked).all()
    if len(rows) <= PAGE:
        return rows, None
    return rows[:PAGE], Cursor(rows[PAGE - 1].rank, rows[PAGE - 1].workspace_id)


def counts_by_trouble(session: Session) -> dict[Trouble, int]:
    rows = session.execute(
        select(_s.trouble, func.count()).where(text("rank > 0")).group_by(_s.trouble)
    )
    return {Trouble(trouble): count for trouble, count in rows}
