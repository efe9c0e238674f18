"""Compute paid for a year ahead."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base


class Reservation(Base):
    """Blocks of one CPU class in one region; any app of the organisation uses them."""

    __tablename__ = "reservations"

    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(String(8))
    cpu_class: Mapped[str] = mapped_column(String(16))  # shared, performance
    blocks: Mapped[int] = mapped_column(default=1)
    yearly_nano: Mapped[int] = mapped_column(BigInteger)  # of all blocks
    credit_nano: Mapped[int] = mapped_column(BigInteger)  # of all blocks, each month
    first_day: Mapped[date] = mapped_column(Date)
    # The first day that is not reserved; its first day or before: it never counts.
    end_day: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(500), default="")
    made_by: Mapped[str] = mapped_column(String(120), default="")
    made_at: Mapped[datetime]

    @property
    def is_removed(self) -> bool:
        return self.end_day is not None and self.end_day <= self.first_day

    def __repr__(self) -> str:
        return f"<Reservation {self.id} {self.cpu_class} {self.region}>"
