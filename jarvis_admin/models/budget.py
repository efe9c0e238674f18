"""What a part of the fleet may cost in a month, and what counts as unusual for a user."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jarvis_admin.models.base import Base
from jarvis_admin.models.staff import Staff


class Budget(Base):
    """`key` is a plan's key, a region or a handle; empty for the fleet.

    How the month stands is written by the worker each minute, so that no page sums a fleet.
    """

    __tablename__ = "budgets"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))  # fleet, plan, region, user
    key: Mapped[str] = mapped_column(String(63), default="")
    amount_nano: Mapped[int] = mapped_column(BigInteger)
    actual_percents: Mapped[list[int]] = mapped_column(JSON)
    forecast_percents: Mapped[list[int]] = mapped_column(JSON)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    snoozed_until: Mapped[datetime | None]
    snooze_reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]

    actual_nano: Mapped[int] = mapped_column(BigInteger, default=0)
    low_nano: Mapped[int] = mapped_column(BigInteger, default=0)
    expected_nano: Mapped[int] = mapped_column(BigInteger, default=0)
    high_nano: Mapped[int] = mapped_column(BigInteger, default=0)
    stood_at: Mapped[datetime | None]  # None: not looked at yet

    owner: Mapped[Staff | None] = relationship()

    def __repr__(self) -> str:
        return f"<Budget {self.scope} {self.key}>"


class UnusualRule(Base):
    """A user's day that costs `percent` and `minimum_nano` more than usual raises an alert."""

    __tablename__ = "unusual_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(String(32), default="")  # Plan.key; empty: every plan
    percent: Mapped[int]
    minimum_nano: Mapped[int] = mapped_column(BigInteger)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    snoozed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    owner: Mapped[Staff | None] = relationship()
