"""The least that keeping the sums can cost: four upserts a row, sqlite3 without SQLAlchemy."""

import sqlite3
from collections.abc import Iterable
from datetime import timedelta

from jarvis_admin.models import Interval

_MICROSECOND = timedelta(microseconds=1)
_TABLES = (
    "CREATE TABLE usage_days (workspace_id INTEGER, day TEXT, component TEXT, micros INTEGER,"
    " amount_nano INTEGER, PRIMARY KEY (workspace_id, day, component))",
    "CREATE TABLE fleet_days (day TEXT, component TEXT, micros INTEGER, amount_nano INTEGER,"
    " PRIMARY KEY (day, component))",
    "CREATE TABLE workspace_months (month TEXT, workspace_id INTEGER, amount_nano INTEGER,"
    " PRIMARY KEY (month, workspace_id))",
    "CREATE TABLE cost_cells (day TEXT, component TEXT, owner TEXT, plan TEXT, user_group TEXT,"
    " region TEXT, size TEXT, micros INTEGER, amount_nano INTEGER,"
    " PRIMARY KEY (day, component, owner, plan, user_group, region, size))",
)
_SUMS = "micros = micros + excluded.micros, amount_nano = amount_nano + excluded.amount_nano"
_UPSERTS = (
    "INSERT INTO usage_days VALUES (:workspace, :day, :component, :micros, :nano)"
    f" ON CONFLICT DO UPDATE SET {_SUMS}",
    f"INSERT INTO fleet_days VALUES (:day, :component, :micros, :nano)"
    f" ON CONFLICT DO UPDATE SET {_SUMS}",
    "INSERT INTO workspace_months VALUES (:month, :workspace, :nano)"
    " ON CONFLICT DO UPDATE SET amount_nano = amount_nano + excluded.amount_nano",
    "INSERT INTO cost_cells VALUES"
    " (:day, :component, :owner, :plan, '', :region, :size, :micros, :nano)"
    f" ON CONFLICT DO UPDATE SET {_SUMS}",
)


def prepare(connection: sqlite3.Connection) -> None:
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF", *_TABLES):
        connection.execute(statement)


def add(connection: sqlite3.Connection, closed: Iterable[Interval]) -> None:
    rows = [_values(row) for row in closed]
    for statement in _UPSERTS:
        connection.executemany(statement, rows)


def _values(row: Interval) -> dict[str, object]:
    assert row.ended_at is not None
    assert row.amount_nano is not None
    return {
        "workspace": row.workspace_id,
        "day": str(row.started_at.date()),
        "month": str(row.started_at.date().replace(day=1)),
        "component": row.component,
        "owner": row.owner,
        "plan": row.plan,
        "region": row.region,
        "size": row.size,
        "micros": (row.ended_at - row.started_at) // _MICROSECOND,
        "nano": row.amount_nano,
    }
