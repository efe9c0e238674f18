"""The sums of the ledger computed anew from its rows, to prove them or to replace them.

Workspaces are read some at a time, so memory does not grow with their number; only the
fleet's cells, a few hundred a day, are held until the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from sys import intern
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from jarvis_admin.domain.pricing import UNSIZED
from jarvis_admin.models import (
    CostCell,
    FleetDay,
    Interval,
    LedgerEntry,
    UsageDay,
    Workspace,
    WorkspaceMonth,
)
from jarvis_admin.services import rollups, turn
from jarvis_admin.services.rollups import Posting

_AT_ONCE = 40  # workspaces
_READ_AT_ONCE = 2_000  # sums
_WRITTEN_AT_ONCE = 10_000

Key = tuple[Any, ...]


class Sums:
    """Microseconds and nanodollars by key, kept apart so that both must agree."""

    def __init__(self) -> None:
        self._sums: dict[Key, tuple[int, int]] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._sums

    def add(self, key: Key, micros: int, nano: int) -> None:
        before = self._sums.get(key)
        self._sums[key] = (
            (before[0] + micros, before[1] + nano) if before is not None else (micros, nano)
        )

    def rows(self) -> Iterator[Key]:
        """Each key with its two sums."""
        for key, (micros, nano) in self._sums.items():
            yield *key, micros, nano

    def take(self, key: Key) -> tuple[int, int]:
        """Nothing, when there is no such sum: what is nothing and what is missing agree."""
        return self._sums.pop(key, (0, 0))


@dataclass(frozen=True)
class Wrong:
    """A stored sum that the ledger does not agree with."""

    table: str
    key: str
    stored_nano: int
    true_nano: int


def one_view(session: Session) -> None:
    """For a fresh session: it sees one state of the database, whatever the worker writes."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def chunks(session: Session) -> list[Sequence[int] | None]:
    """The ids of the workspaces, some at a time; None: what belongs to no workspace."""
    ids = session.scalars(select(Workspace.id).order_by(Workspace.id)).all()
    return [None, *(ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))]


def verify(session: Session, parts: Sequence[Sequence[int] | None]) -> Iterator[list[Wrong]]:
    """For each part, then once for the fleet: what is wrong."""
    fleet, cells = Sums(), Sums()
    for part in parts:
        days, months = Sums(), Sums()
        for posting in recompute(session, part):
            _into(posting, days, months, fleet, cells)
        found: list[Wrong] = []
        if part is not None:
            found += _compare(session, UsageDay, days, UsageDay.workspace_id.in_(part))
            found += _compare(
                session, WorkspaceMonth, months, WorkspaceMonth.workspace_id.in_(part)
            )
        yield found
    yield [*_compare(session, FleetDay, fleet), *_compare(session, CostCell, cells)]


def rebuild(session: Session, parts: Sequence[Sequence[int] | None]) -> Iterator[None]:
    """Replace every sum, in the caller's transaction: writers wait until it commits."""
    turn.take(session)
    for table in (UsageDay, WorkspaceMonth, FleetDay, CostCell):
        session.execute(delete(table))
    fleet, cells = Sums(), Sums()
    for part in parts:
        days, months = Sums(), Sums()
        for posting in recompute(session, part):
            _into(posting, days, months, fleet, cells)
        rollups.write(session, UsageDay, list(days.rows()))
        rollups.write(session, WorkspaceMonth, [(*key, nano) for *key, _, nano in months.rows()])
        yield
    for table, sums in ((FleetDay, fleet), (CostCell, cells)):
        rows = sums.rows()
        while some := list(islice(rows, _WRITTEN_AT_ONCE)):
            rollups.write(session, table, some)


def recompute(session: Session, workspaces: Sequence[int] | None) -> Iterator[Posting]:
    """What these workspaces' rows add to the sums, grouped by day and cell."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    for row in session.execute(union_all(_intervals(workspaces, sqlite), _entries(workspaces))):
        yield Posting._make([row[0], str(row[1]), *row[2:8], int(row[8]), int(row[9])])


def _intervals(workspaces: Sequence[int] | None, sqlite: bool) -> Any:
    labels = (
        Interval.component,
        Interval.owner,
        Interval.plan,
        Interval.user_group,
        Interval.region,
        case((Interval.component.in_(sorted(UNSIZED)), ""), else_=Interval.size),
    )
    parts = _sqlite_parts() if sqlite else _postgres_parts()
    day: ColumnElement[Any] = parts[0]
    micros: ColumnElement[Any] = parts[1]
    return (
        select(
            Interval.workspace_id, day, *labels, func.sum(micros), func.sum(Interval.amount_nano)
        )
        .where(_of(Interval.workspace_id, workspaces), Interval.ended_at.is_not(None))
        .group_by(Interval.workspace_id, day, *labels)
    )


def _entries(workspaces: Sequence[int] | None) -> Any:
    labels = (
        LedgerEntry.component,
        LedgerEntry.owner,
        LedgerEntry.plan,
        LedgerEntry.user_group,
        LedgerEntry.region,
    )
    return (
        select(
            LedgerEntry.workspace_id,
            LedgerEntry.day,
            *labels,
            literal_column("''"),
            literal_column("0"),
            func.sum(LedgerEntry.amount_nano),
        )
        .where(_of(LedgerEntry.workspace_id, workspaces))
        .group_by(LedgerEntry.workspace_id, LedgerEntry.day, *labels)
    )


def _sqlite_parts() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Instants are text there, always with six places. SQLite would round them to the millisecond,
    so that 59.9996 became the next minute: the seconds are read without them."""

    def micros(name: str) -> str:
        seconds = f"CAST(strftime('%s', substr(intervals.{name}, 1, 19)) AS INTEGER)"
        return f"({seconds} * 1000000 + CAST(substr(intervals.{name}, 21, 6) AS INTEGER))"

    length = f"{micros('ended_at')} - {micros('started_at')}"
    return literal_column("substr(intervals.started_at, 1, 10)"), literal_column(length)


def _postgres_parts() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    day = "(intervals.started_at AT TIME ZONE 'UTC')::date"
    length = "extract(epoch FROM intervals.ended_at - intervals.started_at) * 1000000"
    return literal_column(day), literal_column(f"({length})::bigint")


def _of(column: Any, workspaces: Sequence[int] | None) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if workspaces is None else column.in_(workspaces)
    return found


def _into(posting: Posting, days: Sums, months: Sums, fleet: Sums, cells: Sums) -> None:
    micros, nano = posting.micros, posting.amount_nano
    if posting.workspace_id is not None:
        days.add((posting.workspace_id, posting.day, posting.component), micros, nano)
        months.add((f"{posting.day[:8]}01", posting.workspace_id), 0, nano)
    fleet.add((posting.day, posting.component), micros, nano)
    cell = posting[1:8]
    # Hundreds of thousands of keys of a few hundred words: each word is held once.
    cells.add(cell if cell in cells else tuple(map(intern, cell)), micros, nano)


def _compare(
    session: Session, table: Any, true: Sums, where: ColumnElement[bool] | None = None
) -> list[Wrong]:
    """What is stored, row by row, beside the true sums; those are used up."""
    keys = list(table.__table__.primary_key.columns)
    micros = table.micros if hasattr(table, "micros") else literal_column("0")
    found = select(*keys, micros, table.amount_nano).execution_options(yield_per=_READ_AT_ONCE)
    wrong: list[tuple[Key, int, int]] = []
    for row in session.execute(found if where is None else found.where(where)):
        *parts, length, nano = row
        key = tuple(_plain(part) for part in parts)
        truth = true.take(key)
        if truth != (length, nano):
            wrong.append((key, nano, truth[1]))
    for *parts, length, nano in true.rows():
        if length or nano:
            wrong.append((tuple(parts), 0, nano))
    return [
        Wrong(table.__tablename__, " ".join(map(str, key)), stored, nano)
        for key, stored, nano in sorted(wrong, key=lambda one: str(one[0]))
    ]


def _plain(part: Any) -> Any:
    return part.isoformat() if hasattr(part, "isoformat") else part
