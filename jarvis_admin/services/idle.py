"""The part of a day's compute that nobody used, by workspace and for the fleet.

Idle is what a machine was billed as compute while it showed no sign of life. A workspace that no
counter told of on that day is left out: not knowing is not idleness.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.life import Span, overlap
from jarvis_admin.domain.money import microseconds, round_half_even
from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import Activity, FleetIdle, IdleDay, Interval, LedgerEntry

_AT_ONCE = 200


def watched(session: Session, day: date) -> list[int]:
    """The workspaces whose counters were read on that day: they showed life, or sent something."""
    start, end = _bounds(day)
    lively = select(Activity.workspace_id).where(
        Activity.ended_at > start, Activity.started_at < end
    )
    counted = select(LedgerEntry.workspace_id).where(
        LedgerEntry.day == day, LedgerEntry.kind == Kind.EGRESS
    )
    found = session.scalars(lively.union(counted)).all()
    return sorted(number for number in found if number is not None)


def recompute(session: Session, day: date, workspaces: Sequence[int]) -> int:
    """Write the idle days of these workspaces anew, from closed intervals; how many are idle."""
    count = 0
    for start in range(0, len(workspaces), _AT_ONCE):
        some = workspaces[start : start + _AT_ONCE]
        rows = list(_idle(session, day, some))
        session.execute(delete(IdleDay).where(IdleDay.day == day, IdleDay.workspace_id.in_(some)))
        if rows:
            session.execute(insert(IdleDay), rows)
        count += len(rows)
    return count


def sum_up(session: Session, day: date) -> None:
    """The fleet's idle day from its workspaces'."""
    micros, nano = session.execute(
        select(func.sum(IdleDay.micros), func.sum(IdleDay.amount_nano)).where(IdleDay.day == day)
    ).one()
    session.merge(FleetIdle(day=day, micros=int(micros or 0), amount_nano=int(nano or 0)))


def _idle(session: Session, day: date, workspaces: Sequence[int]) -> Iterator[dict[str, object]]:
    lively = _lively(session, day, workspaces)
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in _compute(session, day, workspaces):
        assert row.workspace_id is not None
        assert row.ended_at is not None
        assert row.amount_nano is not None
        span = row.started_at, row.ended_at
        whole = microseconds(row.ended_at - row.started_at)
        unused = whole - microseconds(overlap(span, lively[row.resource_id]))
        sums[row.workspace_id][0] += unused
        sums[row.workspace_id][1] += round_half_even(row.amount_nano * unused, max(whole, 1))
    for workspace_id, (micros, nano) in sums.items():
        if micros:
            yield {"workspace_id": workspace_id, "day": day, "micros": micros, "amount_nano": nano}


def _compute(session: Session, day: date, workspaces: Sequence[int]) -> Iterable[Interval]:
    start, end = _bounds(day)
    return session.scalars(
        select(Interval).where(
            Interval.workspace_id.in_(workspaces),
            Interval.started_at >= start,
            Interval.started_at < end,
            Interval.component == Component.COMPUTE,
            Interval.ended_at.is_not(None),
        )
    )


def _lively(session: Session, day: date, workspaces: Sequence[int]) -> dict[str, list[Span]]:
    start, end = _bounds(day)
    found: dict[str, list[Span]] = defaultdict(list)
    rows = session.execute(
        select(Activity.machine_id, Activity.started_at, Activity.ended_at).where(
            Activity.workspace_id.in_(workspaces),
            Activity.ended_at > start,
            Activity.started_at < end,
        )
    )
    for machine_id, since, until in rows:
        found[machine_id].append((since, until))
    return found


def _bounds(day: date) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(), UTC)
    return start, start + timedelta(days=1)
