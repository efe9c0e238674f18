"""What the first page asks: where the fleet is, and what needs a person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, literal_column, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import is_moving
from jarvis_admin.models import FleetCount, Workspace
from jarvis_admin.services import operation_list

STUCK, MOVING = "stuck", "moving"
MOST_NEEDS = 20
_FAILED_WITHIN = timedelta(hours=24)

_c, _w = FleetCount.__table__.c, Workspace.__table__.c


@dataclass(frozen=True)
class RegionCounts:
    """By state; `stuck` and `moving` are counted beside the states, not in the total."""

    region: str
    total: int
    by_state: Mapping[str, int] = field(default_factory=dict)

    @property
    def states(self) -> dict[str, int]:
        """Without `moving`, which counts some of them a second time."""
        return {state: count for state, count in self.by_state.items() if state != MOVING}

    def count(self, state: str) -> int:
        return self.by_state.get(state, 0)


@dataclass(frozen=True)
class Needs:
    """Worst first. Each is cut at MOST_NEEDS + 1: one more than shown says that there are more."""

    workspaces: Sequence[Row[Any]]
    operations: Sequence[Row[Any]]


def regions(session: Session) -> list[RegionCounts]:
    """The largest first; one statement over counters that the worker keeps."""
    by_region: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for region, state, count in session.execute(select(_c.region, _c.state, _c.count)):
        by_region[region][state] += count
        if state != STUCK and is_moving(state):
            by_region[region][MOVING] += count
    found = [_counted(region, states) for region, states in by_region.items()]
    return sorted(found, key=lambda counts: (-counts.total, counts.region))


def everywhere(found: Sequence[RegionCounts]) -> RegionCounts:
    sums: dict[str, int] = defaultdict(int)
    for region in found:
        for state, count in region.by_state.items():
            sums[state] += count
    return _counted("", sums)


def needs(session: Session, now: datetime) -> Needs:
    """Workspaces with a problem, longest first; failures of others, newest first."""
    # Spelled like the partial index, so that SQLite finds it.
    troubled: Select[Any] = (
        select(_w.handle, _w.state, _w.state_since, _w.problem, _w.region, _w.rate_pico)
        .where(_w.problem != literal_column("''"), _w.destroyed_at.is_(None))
        .order_by(_w.state_since)
        .limit(MOST_NEEDS + 1)
    )
    workspaces = session.execute(troubled).all()
    named = {row.handle for row in workspaces}
    failed = operation_list.failed_since(session, now - _FAILED_WITHIN, MOST_NEEDS + 1)
    return Needs(workspaces, [row for row in failed if row.handle not in named])


def _counted(region: str, states: Mapping[str, int]) -> RegionCounts:
    total = sum(n for state, n in states.items() if state not in (STUCK, MOVING))
    return RegionCounts(region, total, dict(states))
