"""How each workspace's backups stand"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_TROUBLE = sa.text('rank > 0')


def upgrade() -> None:
    op.create_table('backup_standings',
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('begin_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('in_policy', sa.Boolean(), nullable=False),
    sa.Column('proven', sa.Boolean(), nullable=False),
    sa.Column('unproven_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_good_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('newest_id', sa.String(length=32), nullable=False),
    sa.Column('odd', sa.String(length=200), nullable=False),
    sa.Column('archives', sa.Integer(), nullable=False),
    sa.Column('stored_bytes', sa.BigInteger(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(length=16), nullable=False),
    sa.Column('said', sa.String(length=500), nullable=False),
    sa.Column('stood_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('pruned_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_backup_standings_workspace_id')),
    sa.PrimaryKeyConstraint('workspace_id', name=op.f('pk_backup_standings'))
    )
    with op.batch_alter_table('backup_standings', schema=None) as batch_op:
        batch_op.create_index('ix_backup_standings_begin', ['begin_at'], unique=False)
        batch_op.create_index('ix_backup_standings_pruned', ['pruned_at'], unique=False)
        batch_op.create_index('ix_backup_standings_trouble', ['rank', 'workspace_id'], unique=False, sqlite_where=_TROUBLE, postgresql_where=_TROUBLE)


def downgrade() -> None:
    with op.batch_alter_table('backup_standings', schema=None) as batch_op:
        batch_op.drop_index('ix_backup_standings_trouble', sqlite_where=_TROUBLE, postgresql_where=_TROUBLE)
        batch_op.drop_index('ix_backup_standings_pruned')
        batch_op.drop_index('ix_backup_standings_begin')

    op.drop_table('backup_standings')
