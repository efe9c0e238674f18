"""What is billed but not by the second: traffic, allowances, reservations, corrections."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base, BigKey

_BLANK = {
    "plan": "",
    "user_group": "",
    "region": "",
    "quantity": 0,
    "unit": "",
    "price_version": "",
    "reason": "",
    "booked_by": "",
}


class LedgerEntry(Base):
    """An amount of one day, beside the intervals; the roll-ups are the sum of both.

    A negative amount is in somebody's favour. What is counted anew (the traffic of a running
    day) changes its row; what a person has booked is never changed, only countered by another.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        # The same thing on the same day is one row, however often it is booked.
        UniqueConstraint("kind", "resource_id", "day"),
        Index("ix_ledger_entries_workspace_day", "workspace_id", "day"),
        Index("ix_ledger_entries_day", "day", "kind"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int | None] = mapped_column(ForeignKey("workspaces.id"))
    owner: Mapped[str] = mapped_column(String(8))  # domain.owners.Owner
    plan: Mapped[str] = mapped_column(String(32))
    user_group: Mapped[str] = mapped_column(String(32))
    day: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(24))  # domain.entries.Kind
    component: Mapped[str] = mapped_column(String(16))
    resource_id: Mapped[str] = mapped_column(String(64))
    region: Mapped[str] = mapped_column(String(8))
    quantity: Mapped[int] = mapped_column(BigInteger)  # of `unit`
    unit: Mapped[str] = mapped_column(String(16))  # bytes, byte seconds …
    amount_nano: Mapped[int] = mapped_column(BigInteger)
    price_version: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(500))
    booked_by: Mapped[str] = mapped_column(String(120))  # empty: the worker
    booked_at: Mapped[datetime]

    def __init__(self, **given: Any) -> None:
        """What is not given is blank at once: an entry goes into the sums before it is stored."""
        super().__init__(**{**_BLANK, **given})


class CounterReading(Base):
    """How far a counter of Fly's stood when it was last read; a lower value next time: a reset."""

    __tablename__ = "counter_readings"

    machine_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    counter: Mapped[str] = mapped_column(String(16), primary_key=True)  # sent, cpu
    value: Mapped[int] = mapped_column(BigInteger)  # bytes, centiseconds
    at: Mapped[datetime]
