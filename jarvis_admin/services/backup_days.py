"""Backups and drills by day: the heat strips, the chart of drills, and the latest of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.models import Archive, Drill, Workspace

DAYS = 30

# Of a day the worst that happened is what one should see, then the best.
_ORDER = ("", "unproven", "proven", "failed")

Strip = Sequence[str]  # oldest first; what each day was, empty for none


def days_until(now: datetime) -> list[date]:
    return [now.date() - timedelta(days=ago) for ago in reversed(range(DAYS))]


def strips(session: Session, ids: Sequence[int], now: datetime) -> Mapping[int, Strip]:
    """Two statements, for a page of workspaces."""
    first = now - timedelta(days=DAYS)
    states: dict[tuple[int, date], str] = {}
    made = session.execute(
        select(
            Archive.workspace_id,
            Archive.started_at,
            Archive.state,
            Archive.error,
            Archive.proven_at,
        ).where(Archive.workspace_id.in_(ids), Archive.started_at > first)
    )
    for workspace_id, at, state, error, proven_at in made:
        bad = state == "failed" or (state == "stored" and error)
        seen = "failed" if bad else "proven" if proven_at else "unproven"
        if state != "making":
            _put(states, workspace_id, at, seen)
    drilled = session.execute(
        select(Drill.workspace_id, Drill.started_at).where(
            Drill.workspace_id.in_(ids), Drill.started_at > first, Drill.state == "failed"
        )
    )
    for workspace_id, at in drilled:
        _put(states, workspace_id, at, "failed")
    days = days_until(now)
    return {one: [states.get((one, day), "") for day in days] for one in ids}


def _put(states: dict[tuple[int, date], str], whose: int, at: datetime, seen: str) -> None:
    key = whose, at.date()
    states[key] = max(states.get(key, ""), seen, key=_ORDER.index)


def drills_a_day(session: Session, now: datetime) -> list[tuple[date, int, int]]:
    """Day, passed, failed; oldest first, one statement."""
    first = now - timedelta(days=DAYS)
    rows = session.execute(select(Drill.started_at, Drill.state).where(Drill.started_at > first))
    counted = Counter((at.date(), state) for at, state in rows)
    return [(day, counted[day, "passed"], counted[day, "failed"]) for day in days_until(now)]


def latest_drills(session: Session, limit: int = 8) -> Sequence[Any]:
    return session.execute(
        select(Workspace.handle, Drill)
        .join(Workspace, Workspace.id == Drill.workspace_id)
        .order_by(Drill.started_at.desc(), Drill.id.desc())
        .limit(limit)
    ).all()
