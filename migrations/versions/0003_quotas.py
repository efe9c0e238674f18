"""Quotas, grants and brakes"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('quota_limits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('plan_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('set_by', sa.String(length=120), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(plan_id IS NULL) <> (user_id IS NULL)', name=op.f('ck_quota_limits_one_scope')),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('fk_quota_limits_plan_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_quota_limits_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quota_limits')),
    sa.UniqueConstraint('plan_id', 'kind', name=op.f('uq_quota_limits_plan_id_kind')),
    sa.UniqueConstraint('user_id', 'kind', name=op.f('uq_quota_limits_user_id_kind'))
    )
    op.create_table('grants',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('granted_by', sa.String(length=120), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_grants_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grants'))
    )
    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.create_index('ix_grants_user_until', ['user_id', 'until'], unique=False)

    op.create_table('exemptions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('given_by', sa.String(length=120), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_exemptions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exemptions'))
    )
    with op.batch_alter_table('exemptions', schema=None) as batch_op:
        batch_op.create_index('ix_exemptions_user_until', ['user_id', 'until'], unique=False)

    op.create_table('brakes',
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('used', sa.BigInteger(), nullable=False),
    sa.Column('limit_amount', sa.BigInteger(), nullable=False),
    sa.Column('permille', sa.BigInteger(), nullable=False),
    sa.Column('overshoot', sa.BigInteger(), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cordoned_machine', sa.String(length=32), nullable=False),
    sa.Column('cordon_note', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_brakes_workspace_id')),
    sa.PrimaryKeyConstraint('workspace_id', name=op.f('pk_brakes'))
    )
    with op.batch_alter_table('brakes', schema=None) as batch_op:
        batch_op.create_index('ix_brakes_level', ['level', 'permille', 'workspace_id'], unique=False)
        batch_op.create_index('ix_brakes_permille', ['permille', 'workspace_id'], unique=False)

    op.create_table('brake_events',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('before', sa.String(length=16), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('used', sa.BigInteger(), nullable=False),
    sa.Column('limit_amount', sa.BigInteger(), nullable=True),
    sa.Column('overshoot', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_brake_events_workspace_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_brake_events'))
    )
    with op.batch_alter_table('brake_events', schema=None) as batch_op:
        batch_op.create_index('ix_brake_events_at', ['at'], unique=False)
        batch_op.create_index('ix_brake_events_workspace_at', ['workspace_id', 'at'], unique=False)

    with op.batch_alter_table('plans', schema=None) as batch_op:
        batch_op.add_column(sa.Column('idle_minutes', sa.Integer(), nullable=False, server_default='30'))
        batch_op.add_column(sa.Column('brake_mode', sa.String(length=8), nullable=False, server_default='full'))
        batch_op.add_column(sa.Column('overrun_percent', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    with op.batch_alter_table('plans', schema=None) as batch_op:
        batch_op.drop_column('overrun_percent')
        batch_op.drop_column('brake_mode')
        batch_op.drop_column('idle_minutes')

    op.drop_table('brake_events')
    op.drop_table('brakes')
    op.drop_table('exemptions')
    op.drop_table('grants')
    op.drop_table('quota_limits')
