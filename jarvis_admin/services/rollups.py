"""Usage days, fleet days and workspace months: sums of closed intervals, kept with them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from jarvis_admin.models import FleetDay, Interval, UsageDay, WorkspaceMonth

_MICROSECOND = 1_000_000


def add(session: Session, closed: Iterable[Interval], *, sign: int) -> None:
    """Add (`sign` 1) or take back (-1) closed intervals; each lies within one UTC day."""
    days: dict[tuple[int, date, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in closed:
        assert row.ended_at is not None
        assert row.amount_nano is not None
        span = row.ended_at - row.started_at
        sums = days[row.workspace_id, row.started_at.date(), row.component]
        sums[0] += sign * (
            span.days * 86_400 * _MICROSECOND + span.seconds * _MICROSECOND + span.microseconds
        )
        sums[1] += sign * row.amount_nano
    if not days:
        return
    fleet: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    months: dict[tuple[date, int], int] = defaultdict(int)
    for (workspace_id, day, component), (micros, nano) in days.items():
        fleet[day, component][0] += micros
        fleet[day, component][1] += nano
        months[day.replace(day=1), workspace_id] += nano
    _upsert(
        session,
        UsageDay.__table__,
        [
            {"workspace_id": w, "day": d, "component": c, "micros": m, "amount_nano": n}
            for (w, d, c), (m, n) in days.items()
        ],
    )
    _upsert(
        session,
        FleetDay.__table__,
        [
            {"day": d, "component": c, "micros": m, "amount_nano": n}
            for (d, c), (m, n) in fleet.items()
        ],
    )
    _upsert(
        session,
        WorkspaceMonth.__table__,
        [{"month": m, "workspace_id": w, "amount_nano": n} for (m, w), n in months.items()],
    )


def _upsert(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    rows.sort(key=lambda row: [str(value) for value in row.values()])  # one order of locks
    connection = session.connection()
    connection.execute(_statement(table, connection.dialect.name), rows)


@lru_cache
def _statement(table: Table, dialect: str) -> Executable:
    """Insert sums, or add them to what is there. Building it costs ten times its execution."""
    statement = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    summed = [column for column in ("micros", "amount_nano") if column in table.columns]
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: table.columns[name] + statement.excluded[name] for name in summed},
    )
