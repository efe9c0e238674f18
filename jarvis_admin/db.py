"""The engine and its sessions, alike on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]

_SQLITE_PRAGMAS = (
    "busy_timeout=30000",
    "foreign_keys=ON",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "cache_size=-2000",  # KiB for each connection; more only costs memory, the system caches too
)


def open_engine(url: str) -> Engine:
    """SQLite gets WAL and BEGIN IMMEDIATE for writers, or the job engine's counts would race.

    A read-only connection says so with `execution_options(read_only=True)` and then never
    waits for a writer.
    """
    if not url.startswith("sqlite"):
        return create_engine(_psycopg(url), pool_pre_ping=True, pool_size=10, max_overflow=20)
    engine = create_engine(url, pool_size=10, max_overflow=30)
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def open_sessions(engine: Engine) -> Sessions:
    return sessionmaker(engine, expire_on_commit=False)


def open_readers(engine: Engine) -> Sessions:
    """Sessions that only read: on SQLite they take no write lock."""
    return sessionmaker(engine.execution_options(read_only=True), expire_on_commit=False)


def open_reading(engine: Engine) -> Engine:
    """For pages: on PostgreSQL each statement stands alone, which saves a page two round trips.

    Nothing is lost by it: there each saw a moment of its own anyway. Who wants one moment for
    several of them asks for another isolation level.
    """
    reading = engine.execution_options(read_only=True)
    if engine.dialect.name == "sqlite":
        return reading
    return reading.execution_options(isolation_level="AUTOCOMMIT")


def _psycopg(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def _tune_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # pysqlite's own BEGIN comes too late for counts
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")  # past SQLAlchemy's own bookkeeping
