"""The migrations and the models say the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from jarvis_admin.models import Base
from jarvis_admin.services import schema


def test_an_upgraded_empty_database_is_what_the_models_describe(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda _o, name, kind, _r, _c: (
                    kind != "table" or name in Base.metadata.tables
                ),
            },
        )

        assert compare_metadata(context, Base.metadata) == []


def test_an_upgraded_database_is_current(engine: Engine) -> None:
    assert schema.is_current(engine)


def test_the_engine_keeps_its_tables_beside_ours(engine: Engine) -> None:
    kept_in = None if engine.dialect.name == "sqlite" else "dbos"

    assert "workflow_status" in inspect(engine).get_table_names(schema=kept_in)
