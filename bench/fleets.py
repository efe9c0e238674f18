"""A fleet of any size, filled in bulk: users, workspaces, machines, search terms, counters."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, insert, text, update
from sqlalchemy.orm import Session

from bench import operations, rows
from jarvis_admin.models import Fleet, Machine, Plan, SearchTerm, User, Workspace
from jarvis_admin.services import fleet, staff

EMAIL, PASSWORD = "bench@example.com", "only for this measurement"
_CHUNK = 20_000


def fill(engine: Engine, count: int, now: datetime) -> None:
    """`count` workspaces; somebody who can sign in; Fly read a moment ago."""
    with engine.begin() as connection:
        with Session(connection) as session:
            session.add(Plan(id=1, key="pro", name="Pro", size=rows.SIZE, volume_gb=10))
            staff.add(session, EMAIL, "Bench", PASSWORD, ["admin"], now)
            session.commit()
        _insert(connection, User, (rows.user(n, count) for n in range(1, count + 1)))
        _insert(connection, Workspace, (rows.workspace(n, now) for n in range(1, count + 1)))
        _insert(connection, Machine, (rows.machine(n, now) for n in range(1, count + 1)))
        # In the order of their index: it is twice as fast.
        found = sorted((term, n) for n in range(1, count + 1) for term in rows.terms(n, count))
        _insert(connection, SearchTerm, ({"term": t, "workspace_id": n} for t, n in found))
        operations.fill(connection, min(count, 60), now)
        with Session(connection) as session:
            fleet.recount(session, now)
            # Read in the future: within the minutes of a run no page may come to call it late.
            session.execute(update(Fleet).values(synced_at=now + timedelta(hours=1)))
            session.commit()
    if engine.dialect.name != "sqlite":  # PostgreSQL would do so by itself, a minute later
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def _insert(connection: Connection, model: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    for chunk in _chunks(rows):
        connection.execute(insert(model), chunk)


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    found = iter(rows)
    while chunk := list(islice(found, _CHUNK)):
        yield chunk
