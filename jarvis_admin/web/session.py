"""The request's database sessions: opened when first used, closed when the request ends."""

from flask import Flask, current_app, g
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.db import open_engine, open_readers, open_reading, open_sessions


def init_app(app: Flask, settings: Settings) -> None:
    engine = open_engine(settings.database_url)
    app.extensions["engine"] = engine
    app.extensions["sessions"] = open_sessions(engine)
    app.extensions["readers"] = open_readers(engine)
    app.extensions["reading"] = open_reading(engine)
    app.teardown_appcontext(_close)


def db_session() -> Session:
    """For views that change something; such a view commits as its last act before rendering."""
    session: Session | None = g.get("session")
    if session is None:
        session = g.session = current_app.extensions["sessions"]()
    return session


def db_reader() -> Session:
    """For views that only read: on SQLite it never waits for a writer."""
    reader: Session | None = g.get("reader")
    if reader is None:
        reader = g.reader = current_app.extensions["readers"](bind=db_connection())
    return reader


def db_connection() -> Connection:
    """What `db_reader` reads through; alone for a request that needs no more than one statement."""
    connection: Connection | None = g.get("connection")
    if connection is None:
        connection = g.connection = current_app.extensions["reading"].connect()
    return connection


def _close(_error: BaseException | None) -> None:
    for kind in ("session", "reader", "connection"):
        opened: Session | Connection | None = g.pop(kind, None)
        if opened is not None:
            opened.close()
