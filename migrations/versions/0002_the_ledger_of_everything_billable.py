"""The ledger of everything billable"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cost_cells",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("component", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=8), nullable=False),
        sa.Column("plan", sa.String(length=32), nullable=False),
        sa.Column("user_group", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=8), nullable=False),
        sa.Column("size", sa.String(length=40), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("amount_nano", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day",
            "component",
            "owner",
            "plan",
            "user_group",
            "region",
            "size",
            name=op.f("pk_cost_cells"),
        ),
    )
    op.create_table(
        "counter_readings",
        sa.Column("machine_id", sa.String(length=32), nullable=False),
        sa.Column("counter", sa.String(length=16), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("machine_id", "counter", name=op.f("pk_counter_readings")),
    )
    op.create_table(
        "fleet_idle",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("amount_nano", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_fleet_idle")),
    )
    op.create_table(
        "activities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("machine_id", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_activities_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.create_index(
            "ix_activities_machine_ended", ["machine_id", "ended_at"], unique=False
        )
        batch_op.create_index(
            "ix_activities_workspace_ended", ["workspace_id", "ended_at"], unique=False
        )

    op.create_table(
        "idle_days",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("amount_nano", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_idle_days_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "day", name=op.f("pk_idle_days")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=True),
        sa.Column("owner", sa.String(length=8), nullable=False),
        sa.Column("plan", sa.String(length=32), nullable=False),
        sa.Column("user_group", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("component", sa.String(length=16), nullable=False),
        sa.Column("resource_id", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=8), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("amount_nano", sa.BigInteger(), nullable=False),
        sa.Column("price_version", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("booked_by", sa.String(length=120), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_ledger_entries_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint(
            "kind", "resource_id", "day", name=op.f("uq_ledger_entries_kind_resource_id_day")
        ),
    )
    with op.batch_alter_table("ledger_entries", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entries_day", ["day", "kind"], unique=False)
        batch_op.create_index(
            "ix_ledger_entries_workspace_day", ["workspace_id", "day"], unique=False
        )

    with op.batch_alter_table("intervals", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("owner", sa.String(length=8), nullable=False, server_default="user")
        )
        batch_op.add_column(
            sa.Column("plan", sa.String(length=32), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("user_group", sa.String(length=32), nullable=False, server_default="")
        )
        batch_op.alter_column("workspace_id", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("intervals", schema=None) as batch_op:
        batch_op.create_index(
            "ix_intervals_resource_started", ["resource_id", "started_at"], unique=False
        )
        batch_op.create_index(
            "ix_intervals_open_started",
            ["started_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "ix_intervals_workspace_open",
            ["workspace_id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "ix_intervals_snapshots",
            ["started_at"],
            unique=False,
            sqlite_where=sa.text("component = 'snapshot'"),
            postgresql_where=sa.text("component = 'snapshot'"),
        )

    with op.batch_alter_table("snapshots", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        later = "strftime('%Y-%m-%d %H:%M:%f000', created_at, '+' || retention_days || ' days')"
    else:
        later = "created_at + retention_days * interval '1 day'"
    op.execute(f"UPDATE snapshots SET expires_at = {later}")  # noqa: S608
    with op.batch_alter_table("snapshots", schema=None) as batch_op:
        batch_op.alter_column(
            "expires_at", existing_type=sa.DateTime(timezone=True), nullable=False
        )
        batch_op.create_index("ix_snapshots_volume", ["volume_id"], unique=False)
        batch_op.create_index(
            "ix_snapshots_expires",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.add_column(sa.Column("inventoried_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("price_books", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("made_by", sa.String(length=120), nullable=False, server_default="")
        )

    with op.batch_alter_table("transitions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("rootfs_mb", sa.Integer(), nullable=False, server_default="0")
        )

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("user_group", sa.String(length=32), nullable=False, server_default="")
        )

    _fill()


def _fill() -> None:
    """What was billed before this revision gets its labels, and its cells."""
    op.execute(
        "UPDATE transitions SET rootfs_mb = coalesce("
        "(SELECT m.rootfs_mb FROM machines m WHERE m.id = transitions.machine_id), 0)"
    )
    op.execute(
        "UPDATE intervals SET plan = (SELECT p.key FROM workspaces w "
        "JOIN plans p ON p.id = w.plan_id WHERE w.id = intervals.workspace_id)"
    )
    op.execute(
        "UPDATE intervals SET size = coalesce((SELECT m.rootfs_mb || ' MB' FROM machines m "
        "WHERE m.id = intervals.resource_id), '0 MB') WHERE component = 'rootfs'"
    )
    if op.get_bind().dialect.name == "sqlite":
        day, micros = (
            "substr(started_at, 1, 10)",
            f"{_sqlite_micros('ended_at')} - {_sqlite_micros('started_at')}",
        )
    else:
        day = "(started_at AT TIME ZONE 'UTC')::date"
        micros = "(extract(epoch FROM ended_at - started_at) * 1000000)::bigint"
    op.execute(
        "INSERT INTO cost_cells "
        "(day, component, owner, plan, user_group, region, size, micros, amount_nano) "
        f"SELECT {day}, component, owner, plan, user_group, region, size, "  # noqa: S608
        f"sum({micros}), sum(amount_nano) FROM intervals WHERE ended_at IS NOT NULL "
        f"GROUP BY {day}, component, owner, plan, user_group, region, size"
    )


def _sqlite_micros(column: str) -> str:
    """Instants are text with six places: whole numbers lose nothing."""
    seconds = f"CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER)"
    return f"({seconds} * 1000000 + CAST(substr({column}, 21, 6) AS INTEGER))"


def downgrade() -> None:
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.drop_column("inventoried_at")

    with op.batch_alter_table("snapshots", schema=None) as batch_op:
        batch_op.drop_index("ix_snapshots_expires")
        batch_op.drop_index("ix_snapshots_volume")
        batch_op.drop_column("ended_at")
        batch_op.drop_column("expires_at")

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("user_group")

    with op.batch_alter_table("transitions", schema=None) as batch_op:
        batch_op.drop_column("rootfs_mb")

    with op.batch_alter_table("price_books", schema=None) as batch_op:
        batch_op.drop_column("made_by")

    op.execute("DELETE FROM intervals WHERE workspace_id IS NULL")
    with op.batch_alter_table("intervals", schema=None) as batch_op:
        batch_op.drop_index("ix_intervals_snapshots")
        batch_op.drop_index("ix_intervals_workspace_open")
        batch_op.drop_index("ix_intervals_open_started")
        batch_op.drop_index("ix_intervals_resource_started")
        batch_op.alter_column("workspace_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("user_group")
        batch_op.drop_column("plan")
        batch_op.drop_column("owner")

    with op.batch_alter_table("ledger_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_entries_workspace_day")
        batch_op.drop_index("ix_ledger_entries_day")

    op.drop_table("ledger_entries")
    op.drop_table("idle_days")
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_index("ix_activities_workspace_ended")
        batch_op.drop_index("ix_activities_machine_ended")

    op.drop_table("activities")
    op.drop_table("fleet_idle")
    op.drop_table("counter_readings")
    op.drop_table("cost_cells")
