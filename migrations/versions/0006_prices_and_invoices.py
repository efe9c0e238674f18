"""Reservations and checked invoices"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('reservations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('region', sa.String(length=8), nullable=False),
    sa.Column('cpu_class', sa.String(length=16), nullable=False),
    sa.Column('blocks', sa.Integer(), nullable=False),
    sa.Column('yearly_nano', sa.BigInteger(), nullable=False),
    sa.Column('credit_nano', sa.BigInteger(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('end_day', sa.Date(), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('made_by', sa.String(length=120), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reservations'))
    )
    op.create_table('invoices',
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('uploaded_by', sa.String(length=120), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('compared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('printed_nano', sa.BigInteger(), nullable=True),
    sa.Column('fly_nano', sa.BigInteger(), nullable=False),
    sa.Column('ours_nano', sa.BigInteger(), nullable=False),
    sa.Column('explained_nano', sa.BigInteger(), nullable=False),
    sa.Column('unexplained_nano', sa.BigInteger(), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('month', name=op.f('pk_invoices'))
    )
    op.create_table('invoice_lines',
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('description', sa.String(length=500), nullable=False),
    sa.Column('app', sa.String(length=120), nullable=False),
    sa.Column('region', sa.String(length=32), nullable=False),
    sa.Column('quantity', sa.String(length=40), nullable=False),
    sa.Column('unit', sa.String(length=40), nullable=False),
    sa.Column('fly_nano', sa.BigInteger(), nullable=False),
    sa.Column('component', sa.String(length=16), nullable=False),
    sa.Column('size', sa.String(length=40), nullable=False),
    sa.Column('ours_nano', sa.BigInteger(), nullable=False),
    sa.Column('our_quantity', sa.String(length=40), nullable=False),
    sa.Column('difference_nano', sa.BigInteger(), nullable=False),
    sa.Column('unexplained_nano', sa.BigInteger(), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['month'], ['invoices.month'], name=op.f('fk_invoice_lines_month')),
    sa.PrimaryKeyConstraint('month', 'number', name=op.f('pk_invoice_lines'))
    )
    with op.batch_alter_table('invoice_lines', schema=None) as batch_op:
        batch_op.create_index('ix_invoice_lines_rank', ['month', 'rank'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('invoice_lines', schema=None) as batch_op:
        batch_op.drop_index('ix_invoice_lines_rank')

    op.drop_table('invoice_lines')
    op.drop_table('invoices')
    op.drop_table('reservations')
