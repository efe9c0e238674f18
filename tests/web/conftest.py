"""The console as tests use it: a real app on a real database, signed in by a real session row."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from jarvis_admin.console import create_app
from jarvis_admin.db import Sessions
from jarvis_admin.models import Operation, Staff
from jarvis_admin.services import fleet, staff
from tests.factories import make_settings
from tests.web.console import Console

SignIn = Callable[..., Console]


@pytest.fixture
def queue() -> list[Operation]:
    """What was put on the engine's queue."""
    return []


@pytest.fixture
def app(sqlite_url: str, queue: list[Operation], tmp_path: Path) -> Iterator[Flask]:
    store = f"file://{tmp_path / 'archives'}"
    settings = make_settings(database_url=sqlite_url, object_store_url=store)
    app = create_app(settings, enqueue=lambda _session, operation: queue.append(operation))
    with app.extensions["sessions"]() as session:
        fleet.prepare(session)
        session.commit()
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def sessions(app: Flask) -> Sessions:
    found: Sessions = app.extensions["sessions"]
    return found


@pytest.fixture
def stranger(app: Flask) -> Console:
    return Console(app.test_client())


@pytest.fixture
def sign_in(app: Flask, sessions: Sessions) -> SignIn:
    def sign_in(*roles: str) -> Console:
        with sessions() as session:
            name = f"{'-'.join(roles)}"
            person = Staff(
                email=f"{name}@example.com",
                name=f"{name.capitalize()} Person",
                password_hash="never checked: hashing takes longer than the rest of a test",
                roles=list(roles),
                created_at=datetime.now(UTC),
            )
            session.add(person)
            session.flush()
            now = datetime.now(UTC)
            token = staff.open_session(session, person, address="", browser="", now=now)
            session.commit()
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
        return Console(client)

    return sign_in


@pytest.fixture
def admin(sign_in: SignIn) -> Console:
    return sign_in("admin")


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    engine: Engine = app.extensions["engine"]

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        yield statements
        event.remove(engine, "before_cursor_execute", note)

    return counting
