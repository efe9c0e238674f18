"""A ledger by the second, with everything that is summed from it: millions of rows, in bulk.

Written as the worker would have, day by day, so that a user's rows lie apart as they do in life.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, event, func, insert, select, text, update
from sqlalchemy.orm import Session

from bench import ledger_days, ledger_sums
from bench.ledger_rows import PATTERNS, PLANS, group, pieces, plan
from jarvis_admin.db import open_engine
from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.models import Interval, LedgerEntry, Plan, User, Workspace, WorkspaceMonth
from jarvis_admin.services import fleet, prices

_DAY = timedelta(days=1)
_PIECES = """CREATE TEMPORARY TABLE bench_pieces (
    plan_id INTEGER, region VARCHAR(8), pattern INTEGER, component VARCHAR(16), state VARCHAR(16),
    size VARCHAR(40), start_clock VARCHAR(15), end_clock VARCHAR(15), to_midnight INTEGER,
    rate_pico BIGINT, amount_nano BIGINT)"""
_PIECES_INDEX = "CREATE INDEX bench_pieces_day ON bench_pieces (plan_id, region, pattern)"
_CLOSED_DAY = """INSERT INTO intervals (workspace_id, owner, plan, user_group, resource_id,
    component, state, size, region, started_at, ended_at, rate_pico, price_version, amount_nano,
    estimated)
SELECT w.id, 'user', p.key, u.user_group,
    CASE piece.component WHEN 'volume' THEN w.volume_id ELSE w.machine_id END,
    piece.component, piece.state, piece.size, w.region, {start}, {end},
    piece.rate_pico, '{version}', piece.amount_nano, false
FROM workspaces AS w
JOIN users AS u ON u.id = w.user_id
JOIN plans AS p ON p.id = w.plan_id
JOIN bench_pieces AS piece ON piece.plan_id = w.plan_id AND piece.region = w.region
    AND piece.pattern = (w.id * 7 + {n} * 13) % {patterns}
ORDER BY w.id"""
# For a file that is made anew when the making fails.
_HURRIED_SQLITE = ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000")
_HURRIED_POSTGRES = (
    "SET SESSION session_replication_role = replica",  # every foreign key is known to be right
    "SET SESSION synchronous_commit = off",
    "SET SESSION work_mem = '256MB'",
    "SET SESSION maintenance_work_mem = '512MB'",
)


@dataclass(frozen=True)
class Ledger:
    """Where it is, how large, and how long its rows and then their sums took to write."""

    url: str
    rows: int  # intervals and entries
    megabytes: float
    loading: float  # seconds
    summing: float  # seconds


def fill(url: str, count: int, days: int, now: datetime) -> Ledger:
    """On a fleet of that many: closed days up to yesterday, and today as far as it has gone."""
    engine = _hurried(url)
    begun = time.perf_counter()
    with engine.begin() as connection:
        book = _label(connection, count)
        opened = _write(connection, count, days, now, book)
    loaded = time.perf_counter()
    with engine.begin() as connection:
        ledger_sums.fill(connection)
    summed = time.perf_counter()
    with engine.begin() as connection:
        _bring_up_to(connection, opened, now)
        rows = sum(_count(connection, table) for table in (Interval, LedgerEntry))
    _analyze(engine)
    size = _megabytes(engine)
    engine.dispose()
    return Ledger(url, rows, size, loaded - begun, summed - loaded)


def _label(connection: Connection, count: int) -> PriceBook:
    """The fleet's plans, groups and sizes, which differ from here on."""
    with Session(connection) as session:
        session.add_all(
            Plan(id=one.id, key=one.key, name=one.key.title(), size=one.size, volume_gb=1)
            for one in PLANS[1:]
        )
        book = prices.import_first_book(session)
        session.commit()
    numbers = range(1, count + 1)
    users = [{"id": n, "plan_id": plan(n).id, "user_group": group(n)} for n in numbers]
    spaces = [{"id": n, "plan_id": plan(n).id, "size": plan(n).size} for n in numbers]
    with Session(connection) as session:
        session.execute(update(User), users)
        session.execute(update(Workspace), spaces)
        session.commit()
    return book


def _write(
    connection: Connection, count: int, days: int, now: datetime, book: PriceBook
) -> list[dict[str, Any]]:
    """Every row of the ledger; those that are open are given back."""
    for index in Interval.__table__.indexes:  # type: ignore[attr-defined]
        index.drop(connection)
    connection.execute(text(_PIECES))
    places = ", ".join(f":{name}" for name in next(pieces(book)))
    connection.execute(text(f"INSERT INTO bench_pieces VALUES ({places})"), list(pieces(book)))
    connection.execute(text(_PIECES_INDEX))
    for n, back in enumerate(range(days, 0, -1)):
        day = now.date() - back * _DAY
        connection.exec_driver_sql(_closed_day(connection, n, day, book.version))
        connection.execute(insert(Interval), list(ledger_days.orphans(day, book)))
        connection.execute(insert(LedgerEntry), list(ledger_days.entries(n, day, count, book)))
    today = list(ledger_days.today(count, now, book))
    connection.execute(insert(Interval), today)
    for index in Interval.__table__.indexes:  # type: ignore[attr-defined]
        index.create(connection)
    return [row for row in today if row["ended_at"] is None]


def _closed_day(connection: Connection, n: int, day: date, version: str) -> str:
    clock = "'{day} ' || {clock}"
    if connection.dialect.name != "sqlite":
        clock = "CAST('{day} ' || {clock} || '+00' AS TIMESTAMP WITH TIME ZONE)"
    start = clock.format(day=day, clock="piece.start_clock")
    ends = (clock.format(day=each, clock="piece.end_clock") for each in (day, day + _DAY))
    end = "CASE piece.to_midnight WHEN 0 THEN {} ELSE {} END".format(*ends)
    said = _CLOSED_DAY.format(start=start, end=end, version=version, n=n, patterns=PATTERNS)
    # The driver of PostgreSQL takes a lone percent sign for a place.
    return said if connection.dialect.name == "sqlite" else said.replace("%", "%%")


def _bring_up_to(connection: Connection, opened: Sequence[dict[str, Any]], now: datetime) -> None:
    """What the worker keeps of the open intervals: each list row, and the fleet's burn."""
    month = now.date().replace(day=1)
    rows = select(WorkspaceMonth.workspace_id, WorkspaceMonth.amount_nano)
    found = connection.execute(rows.where(WorkspaceMonth.month == month))
    closed = {workspace: int(nano) for workspace, nano in found}
    with Session(connection) as session:
        session.execute(update(Workspace), ledger_days.list_rows(opened, closed, now))
        fleet.recount(session, now)
        session.commit()


def _hurried(url: str) -> Engine:
    engine = open_engine(url)
    orders = (
        [f"PRAGMA {pragma}" for pragma in _HURRIED_SQLITE]
        if engine.dialect.name == "sqlite"
        else _HURRIED_POSTGRES
    )

    def hurry(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for order in orders:
            cursor.execute(order)
        cursor.close()
        connection.commit()

    event.listen(engine, "connect", hurry)
    return engine


def _analyze(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":  # PostgreSQL would do so by itself, a minute later
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _count(connection: Connection, table: type[Any]) -> int:
    return connection.scalar(select(func.count(table.id))) or 0


def _megabytes(engine: Engine) -> float:
    if engine.dialect.name == "sqlite":
        size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    else:
        size = "SELECT pg_database_size(current_database())"
    with engine.connect() as connection:
        return float(connection.scalar(text(size)) or 0) / 10**6
