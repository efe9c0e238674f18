"""Fly's monthly invoice, and how each of its lines compares with our ledger."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base


class Invoice(Base):
    """Sums are of its lines; `fly_nano` = `ours_nano` + `explained_nano` + `unexplained_nano`."""

    __tablename__ = "invoices"

    month: Mapped[date] = mapped_column(Date, primary_key=True)  # its first day
    file_name: Mapped[str] = mapped_column(String(255))
    uploaded_by: Mapped[str] = mapped_column(String(120))
    uploaded_at: Mapped[datetime]
    compared_at: Mapped[datetime]
    printed_nano: Mapped[int | None] = mapped_column(BigInteger)  # the total it prints, if any
    fly_nano: Mapped[int] = mapped_column(BigInteger)
    ours_nano: Mapped[int] = mapped_column(BigInteger)  # what our users' workspaces cost
    explained_nano: Mapped[int] = mapped_column(BigInteger)
    unexplained_nano: Mapped[int] = mapped_column(BigInteger)
    parts: Mapped[dict[str, int]] = mapped_column(JSON)  # explanation: nanodollars


class InvoiceLine(Base):
    """A line as it was read, and what of ours it was compared with."""

    __tablename__ = "invoice_lines"
    __table_args__ = (Index("ix_invoice_lines_rank", "month", "rank"),)

    month: Mapped[date] = mapped_column(ForeignKey("invoices.month"), primary_key=True)
    # Of the file; what is only in our ledger has a negative one.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rank: Mapped[int]  # the largest difference first
    description: Mapped[str] = mapped_column(String(500))
    app: Mapped[str] = mapped_column(String(120), default="")
    region: Mapped[str] = mapped_column(String(32), default="")
    quantity: Mapped[str] = mapped_column(String(40), default="")  # as written
    unit: Mapped[str] = mapped_column(String(40), default="")
    fly_nano: Mapped[int] = mapped_column(BigInteger)
    component: Mapped[str] = mapped_column(String(16), default="")
    size: Mapped[str] = mapped_column(String(40), default="")
    ours_nano: Mapped[int] = mapped_column(BigInteger)
    our_quantity: Mapped[str] = mapped_column(String(40), default="")
    difference_nano: Mapped[int] = mapped_column(BigInteger)
    unexplained_nano: Mapped[int] = mapped_column(BigInteger)
    parts: Mapped[dict[str, int]] = mapped_column(JSON)  # explanation: nanodollars
    note: Mapped[str] = mapped_column(String(500), default="")
