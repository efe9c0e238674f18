"""A way past the users' cells to what belongs to no user"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

_NOT_USERS = sa.text("owner <> 'user'")


def upgrade() -> None:
    with op.batch_alter_table('cost_cells', schema=None) as batch_op:
        batch_op.create_index('ix_cost_cells_not_users', ['owner', 'day'], unique=False, sqlite_where=_NOT_USERS, postgresql_where=_NOT_USERS)


def downgrade() -> None:
    with op.batch_alter_table('cost_cells', schema=None) as batch_op:
        batch_op.drop_index('ix_cost_cells_not_users', sqlite_where=_NOT_USERS, postgresql_where=_NOT_USERS)
