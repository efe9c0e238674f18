"""What was used and what it cost: intervals, their roll-ups, and dated prices.

Amounts are nanodollars, rates picodollars per second, spans microseconds: whole numbers only.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base, BigKey

_OPEN = text("ended_at IS NULL")


class Interval(Base):
    """A stretch in one state with one size, region and price; half-open, in UTC.

    A closed interval lies within one UTC day and carries its amount; an open one has neither.
    """

    __tablename__ = "intervals"
    __table_args__ = (
        # Two open intervals would bill a second twice: the database refuses them.
        Index(
            "uq_intervals_open",
            "resource_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_intervals_workspace_started", "workspace_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    resource_id: Mapped[str] = mapped_column(String(64))  # Fly's machine or volume id
    component: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    size: Mapped[str] = mapped_column(String(40))  # Size.slug, or "10 GB"
    region: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    rate_pico: Mapped[int] = mapped_column(BigInteger)
    price_version: Mapped[str] = mapped_column(String(32))
    amount_nano: Mapped[int | None] = mapped_column(BigInteger)
    estimated: Mapped[bool] = mapped_column(default=False)


class UsageDay(Base):
    __tablename__ = "usage_days"

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    component: Mapped[str] = mapped_column(String(16), primary_key=True)
    micros: Mapped[int] = mapped_column(BigInteger)
    amount_nano: Mapped[int] = mapped_column(BigInteger)


class FleetDay(Base):
    __tablename__ = "fleet_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    component: Mapped[str] = mapped_column(String(16), primary_key=True)
    micros: Mapped[int] = mapped_column(BigInteger)
    amount_nano: Mapped[int] = mapped_column(BigInteger)


class WorkspaceMonth(Base):
    __tablename__ = "workspace_months"
    __table_args__ = (Index("ix_workspace_months_cost", "month", "amount_nano", "workspace_id"),)

    month: Mapped[date] = mapped_column(Date, primary_key=True)  # its first day
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    amount_nano: Mapped[int] = mapped_column(BigInteger)


class PriceBookVersion(Base):
    __tablename__ = "price_books"

    version: Mapped[str] = mapped_column(String(32), primary_key=True)
    effective_from: Mapped[datetime]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(500), default="")
