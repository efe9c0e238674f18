"""The sums of the ledger, kept with it: by workspace and day, by fleet day, month and cell."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.orm import Session

from jarvis_admin.domain.pricing import UNSIZED
from jarvis_admin.models import (
    CostCell,
    FleetDay,
    Interval,
    LedgerEntry,
    UsageDay,
    WorkspaceMonth,
)

_SUMS = ("micros", "amount_nano")
_MICROSECOND = timedelta(microseconds=1)


class Posting(NamedTuple):
    """What a row of the ledger adds to the sums; its first part but the workspace is a cell."""

    workspace_id: int | None
    day: str  # ISO: both databases read it as a date
    component: str
    owner: str
    plan: str
    user_group: str
    region: str
    size: str
    micros: int
    amount_nano: int


def add(session: Session, closed: Iterable[Interval], *, sign: int) -> None:
    """Add (`sign` 1) or take back (-1) closed intervals; each lies within one UTC day."""
    post(session, [_of_interval(row, sign) for row in closed])


def of_entry(row: LedgerEntry, sign: int) -> Posting:
    return Posting(
        row.workspace_id,
        row.day.isoformat(),
        row.component,
        row.owner,
        row.plan,
        row.user_group,
        row.region,
        "",
        0,
        sign * row.amount_nano,
    )


def post(session: Session, postings: Sequence[Posting]) -> None:
    """What belongs to no workspace counts for the fleet alone."""
    if not postings:
        return
    cells: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    days: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    fleet: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    months: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0])
    for row in postings:
        micros, nano = row.micros, row.amount_nano
        for sums in (cells[row[1:8]], fleet[row[1:3]]):
            sums[0] += micros
            sums[1] += nano
        if row.workspace_id is not None:
            sums = days[row.workspace_id, row.day, row.component]
            sums[0] += micros
            sums[1] += nano
            months[f"{row.day[:8]}01", row.workspace_id][0] += nano
    # One order of tables and of rows, so that two workers cannot wait for each other.
    _upsert(session, UsageDay, days)
    _upsert(session, WorkspaceMonth, months)
    _upsert(session, FleetDay, fleet)
    _upsert(session, CostCell, cells)


def _of_interval(row: Interval, sign: int) -> Posting:
    assert row.ended_at is not None
    assert row.amount_nano is not None
    return Posting(
        row.workspace_id,
        _day(row.started_at.date()),
        row.component,
        row.owner,
        row.plan,
        row.user_group,
        row.region,
        "" if row.component in UNSIZED else row.size,
        sign * ((row.ended_at - row.started_at) // _MICROSECOND),
        sign * row.amount_nano,
    )


@lru_cache(maxsize=64)
def _day(day: date) -> str:
    return day.isoformat()


def write(session: Session, model: Any, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows of a key and its sums, as they stand in the model's columns."""
    if rows:
        connection = session.connection()
        sql = _statement(model.__table__, connection.dialect.name)
        connection.exec_driver_sql(sql, list(rows))


def _upsert(session: Session, model: Any, sums: dict[tuple[Any, ...], list[int]]) -> None:
    write(session, model, [(*key, *sums[key]) for key in sorted(sums)])


@lru_cache
def _statement(table: Table, dialect: str) -> str:
    """Insert sums, or add them to what is there; as text, because this runs for every interval.

    The columns are in the order of the models: the key first, in which rows are given.
    """
    keys = [column.name for column in table.primary_key.columns]
    summed = [name for name in _SUMS if name in table.columns]
    columns = [*keys, *summed]
    places = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(columns))
    added = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in summed)
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({places}) "  # noqa: S608
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}"
    )
