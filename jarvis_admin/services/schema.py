"""Brings a database to the newest schema: Alembic for our tables, the engine for its own."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from jarvis_admin.services import fleet, prices

_MIGRATIONS = Path(__file__).parents[2] / "migrations"


def upgrade(engine: Engine) -> None:
    """Safe to run again; puts the rows that must always be there, too."""
    with engine.begin() as connection:
        command.upgrade(config(connection), "head")
        with Session(connection) as session:
            fleet.prepare(session)
            if not prices.load(session):
                prices.import_first_book(session)
            session.commit()


def is_current(engine: Engine) -> bool:
    newest = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def config(connection: Connection) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(_MIGRATIONS))
    settings.attributes["connection"] = connection
    return settings
