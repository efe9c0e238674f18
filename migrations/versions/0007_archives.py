"""Archives off Fly, and the users' keys"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('user_keys',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('wrapped', sa.String(length=128), nullable=False),
    sa.Column('check', sa.String(length=16), nullable=False),
    sa.Column('master_check', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('wrapped_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_keys_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_keys'))
    )
    with op.batch_alter_table('user_keys', schema=None) as batch_op:
        batch_op.create_index('ix_user_keys_master', ['master_check'], unique=False)
        batch_op.create_index('uq_user_keys_current', ['user_id'], unique=True, sqlite_where=sa.text('retired_at IS NULL'), postgresql_where=sa.text('retired_at IS NULL'))

    op.create_table('archives',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('key_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('folder', sa.String(length=200), nullable=False),
    sa.Column('base_id', sa.String(length=32), nullable=True),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('needs', sa.JSON(), nullable=False),
    sa.Column('snapshot_id', sa.String(length=64), nullable=False),
    sa.Column('snapshot_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entries', sa.BigInteger(), nullable=False),
    sa.Column('files', sa.BigInteger(), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('reused_bytes', sa.BigInteger(), nullable=False),
    sa.Column('stored_bytes', sa.BigInteger(), nullable=False),
    sa.Column('packs', sa.Integer(), nullable=False),
    sa.Column('manifest_sha256', sa.String(length=64), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('proven_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['key_id'], ['user_keys.id'], name=op.f('fk_archives_key_id')),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_archives_workspace_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_archives'))
    )
    with op.batch_alter_table('archives', schema=None) as batch_op:
        batch_op.create_index('ix_archives_state_verified', ['state', 'verified_at'], unique=False)
        batch_op.create_index('ix_archives_workspace_started', ['workspace_id', 'started_at'], unique=False)
        batch_op.create_index('uq_archives_making', ['workspace_id'], unique=True, sqlite_where=sa.text("state = 'making'"), postgresql_where=sa.text("state = 'making'"))


def downgrade() -> None:
    with op.batch_alter_table('archives', schema=None) as batch_op:
        batch_op.drop_index('uq_archives_making', sqlite_where=sa.text("state = 'making'"), postgresql_where=sa.text("state = 'making'"))
        batch_op.drop_index('ix_archives_workspace_started')
        batch_op.drop_index('ix_archives_state_verified')

    op.drop_table('archives')
    with op.batch_alter_table('user_keys', schema=None) as batch_op:
        batch_op.drop_index('uq_user_keys_current', sqlite_where=sa.text('retired_at IS NULL'), postgresql_where=sa.text('retired_at IS NULL'))
        batch_op.drop_index('ix_user_keys_master')

    op.drop_table('user_keys')
