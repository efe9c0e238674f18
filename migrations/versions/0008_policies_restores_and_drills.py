"""Backup policies, restores, drills"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('backup_policies',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('plan_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('every_hours', sa.Integer(), nullable=True),
    sa.Column('at_minute', sa.Integer(), nullable=True),
    sa.Column('timezone', sa.String(length=64), nullable=True),
    sa.Column('quiet_from', sa.Integer(), nullable=True),
    sa.Column('quiet_until', sa.Integer(), nullable=True),
    sa.Column('keep_last', sa.Integer(), nullable=True),
    sa.Column('keep_daily', sa.Integer(), nullable=True),
    sa.Column('keep_weekly', sa.Integer(), nullable=True),
    sa.Column('keep_monthly', sa.Integer(), nullable=True),
    sa.Column('snapshot_days', sa.Integer(), nullable=True),
    sa.Column('undo_days', sa.Integer(), nullable=True),
    sa.Column('prove_days', sa.Integer(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=120), nullable=False),
    sa.CheckConstraint('(plan_id IS NULL) <> (user_id IS NULL)', name=op.f('ck_backup_policies_one_subject')),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('fk_backup_policies_plan_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_backup_policies_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backup_policies')),
    sa.UniqueConstraint('plan_id', name=op.f('uq_backup_policies_plan_id')),
    sa.UniqueConstraint('user_id', name=op.f('uq_backup_policies_user_id'))
    )
    op.create_table('drills',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('archive_id', sa.String(length=32), nullable=False),
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('operation_id', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('app_name', sa.String(length=63), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('files', sa.BigInteger(), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('boot_ms', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['archive_id'], ['archives.id'], name=op.f('fk_drills_archive_id')),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_drills_workspace_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drills')),
    sa.UniqueConstraint('operation_id', name=op.f('uq_drills_operation_id'))
    )
    with op.batch_alter_table('drills', schema=None) as batch_op:
        batch_op.create_index('ix_drills_archive', ['archive_id'], unique=False)
        batch_op.create_index('ix_drills_started', ['started_at', 'id'], unique=False)
        batch_op.create_index('ix_drills_workspace_started', ['workspace_id', 'started_at'], unique=False)

    op.create_table('restores',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('operation_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('target', sa.String(length=8), nullable=False),
    sa.Column('archive_id', sa.String(length=32), nullable=True),
    sa.Column('snapshot_id', sa.String(length=64), nullable=True),
    sa.Column('undoes_id', sa.String(length=32), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('error', sa.String(length=500), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('app_name', sa.String(length=63), nullable=False),
    sa.Column('region', sa.String(length=8), nullable=False),
    sa.Column('volume_id', sa.String(length=64), nullable=True),
    sa.Column('machine_id', sa.String(length=32), nullable=True),
    sa.Column('compared_files', sa.BigInteger(), nullable=True),
    sa.Column('away_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('away_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_machine_id', sa.String(length=32), nullable=True),
    sa.Column('parked_volume_id', sa.String(length=64), nullable=True),
    sa.Column('parked_region', sa.String(length=8), nullable=False),
    sa.Column('safety_snapshot_id', sa.String(length=64), nullable=True),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parking_ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parking_end', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['archive_id'], ['archives.id'], name=op.f('fk_restores_archive_id')),
    sa.ForeignKeyConstraint(['undoes_id'], ['restores.id'], name=op.f('fk_restores_undoes_id')),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_restores_workspace_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restores')),
    sa.UniqueConstraint('operation_id', name=op.f('uq_restores_operation_id'))
    )
    with op.batch_alter_table('restores', schema=None) as batch_op:
        batch_op.create_index('ix_restores_parked', ['parked_until'], unique=False, sqlite_where=sa.text('parked_until IS NOT NULL AND parking_ended_at IS NULL'), postgresql_where=sa.text('parked_until IS NOT NULL AND parking_ended_at IS NULL'))
        batch_op.create_index('ix_restores_workspace_started', ['workspace_id', 'started_at'], unique=False)

    with op.batch_alter_table('archives', schema=None) as batch_op:
        batch_op.add_column(sa.Column('drilled_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('drill_error', sa.String(length=500), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('protected_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('protected_by', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('protected_why', sa.String(length=500), nullable=False, server_default=''))

    with op.batch_alter_table('operations', schema=None) as batch_op:
        batch_op.drop_index('uq_operations_active')
        batch_op.create_index('uq_operations_active', ['workspace_id'], unique=True, sqlite_where=sa.text("state IN ('queued', 'running') AND kind NOT IN ('drill', 'scratch', 'end_scratch')"), postgresql_where=sa.text("state IN ('queued', 'running') AND kind NOT IN ('drill', 'scratch', 'end_scratch')"))


def downgrade() -> None:
    with op.batch_alter_table('operations', schema=None) as batch_op:
        batch_op.drop_index('uq_operations_active')
        batch_op.create_index('uq_operations_active', ['workspace_id'], unique=True, sqlite_where=sa.text("state IN ('queued', 'running')"), postgresql_where=sa.text("state IN ('queued', 'running')"))

    with op.batch_alter_table('archives', schema=None) as batch_op:
        batch_op.drop_column('protected_why')
        batch_op.drop_column('protected_by')
        batch_op.drop_column('protected_at')
        batch_op.drop_column('drill_error')
        batch_op.drop_column('drilled_at')

    with op.batch_alter_table('restores', schema=None) as batch_op:
        batch_op.drop_index('ix_restores_workspace_started')
        batch_op.drop_index('ix_restores_parked', sqlite_where=sa.text('parked_until IS NOT NULL AND parking_ended_at IS NULL'), postgresql_where=sa.text('parked_until IS NOT NULL AND parking_ended_at IS NULL'))

    op.drop_table('restores')
    with op.batch_alter_table('drills', schema=None) as batch_op:
        batch_op.drop_index('ix_drills_workspace_started')
        batch_op.drop_index('ix_drills_started')
        batch_op.drop_index('ix_drills_archive')

    op.drop_table('drills')
    op.drop_table('backup_policies')
