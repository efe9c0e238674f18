"""What pages read through, on both databases."""

from collections.abc import Iterator

import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import text

from jarvis_admin.console import create_app
from jarvis_admin.services import fleet
from jarvis_admin.web.reports import _focus_lines
from jarvis_admin.web.session import db_connection, db_reader
from tests.factories import make_settings
from tests.web.reporting import LAST, seed


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    app = create_app(make_settings(database_url=database_url), enqueue=lambda *_: None)
    with app.extensions["sessions"].begin() as session:
        fleet.prepare(session)
        seed(session, 3)
    yield app
    app.extensions["engine"].dispose()


def test_a_reading_page_opens_no_transaction_on_postgresql(app: Flask) -> None:
    with app.test_request_context():
        db_reader().execute(text("SELECT 1"))
        if db_reader().get_bind().dialect.name == "sqlite":
            return
        raw = db_connection().connection.dbapi_connection
        assert raw.info.transaction_status is TransactionStatus.IDLE  # type: ignore[union-attr]

    with app.extensions["sessions"]() as session:  # the same connection, back from the pool
        session.execute(text("SELECT 1"))
        raw = session.connection().connection.dbapi_connection
        assert raw.info.transaction_status is TransactionStatus.INTRANS


def test_a_long_file_still_sees_one_moment(app: Flask) -> None:
    lines = "".join(_focus_lines(app.extensions["reading"], LAST)).splitlines()

    assert len(lines) > 9
