"""What one workspace cost this month, by day and component: rolled up, plus what is still open."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.metering import cut_at_midnights
from jarvis_admin.domain.money import amount_nano, microseconds
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Interval, UsageDay
from jarvis_admin.services.costs import Grid

_i, _u = Interval.__table__.c, UsageDay.__table__.c


@dataclass(frozen=True)
class WorkspaceMonth:
    month: Month
    grid: Grid
    micros: dict[str, int]  # how long each component was used


def month(session: Session, workspace_id: int, now: datetime) -> WorkspaceMonth:
    """Two statements."""
    this = Month.of(now)
    nano: dict[tuple[date, str], int] = defaultdict(int)
    micros: dict[str, int] = defaultdict(int)
    closed = session.execute(
        select(_u.day, _u.component, _u.micros, _u.amount_nano).where(
            _u.workspace_id == workspace_id, _u.day >= this.first
        )
    )
    for day, component, used, amount in closed:
        nano[day, component] += amount
        micros[component] += used
    for component, started_at, rate in _open(session, workspace_id):
        for day, start, end in cut_at_midnights(max(started_at, this.start), now):
            nano[day, component] += amount_nano(rate, end - start)
            micros[component] += microseconds(end - start)
    days = (now.date() - this.first).days + 1
    return WorkspaceMonth(
        this, Grid(tuple(this.first + timedelta(days=n) for n in range(days)), nano), micros
    )


def _open(session: Session, workspace_id: int) -> list[tuple[str, datetime, int]]:
    rows = session.execute(
        select(_i.component, _i.started_at, _i.rate_pico).where(
            _i.workspace_id == workspace_id, _i.ended_at.is_(None)
        )
    )
    return [(row.component, row.started_at, row.rate_pico) for row in rows]
