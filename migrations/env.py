"""Alembic's entry: our tables only, never the job engine's."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.engine import Connection

from jarvis_admin.models import Base
from jarvis_admin.models.base import UtcDateTime


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    return kind != "table" or name in Base.metadata.tables


def as_written(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """A migration is history: it names the database's types, not classes of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=ours,
        render_item=as_written,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
