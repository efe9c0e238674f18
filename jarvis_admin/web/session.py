"""The request's database sessions: opened when first used, closed when the request ends."""

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.db import open_engine, open_readers, open_sessions


def init_app(app: Flask, settings: Settings) -> None:
    engine = open_engine(settings.database_url)
    app.extensions["engine"] = engine
    app.extensions["sessions"] = open_sessions(engine)
    app.extensions["readers"] = open_readers(engine)
    app.teardown_appcontext(_close)


def db_session() -> Session:
    """For views that change something; such a view commits as its last act before rendering."""
    return _open("sessions")


def db_reader() -> Session:
    """For views that only read: on SQLite it never waits for a writer."""
    return _open("readers")


def _open(kind: str) -> Session:
    session: Session | None = g.get(kind)
    if session is None:
        session = g.setdefault(kind, current_app.extensions[kind]())
    return session


def _close(_error: BaseException | None) -> None:
    for kind in ("sessions", "readers"):
        session: Session | None = g.pop(kind, None)
        if session is not None:
            session.close()
