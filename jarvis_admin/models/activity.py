"""When machines showed life, and what was paid while they did not."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base, BigKey


class Activity(Base):
    """A stretch in which a machine worked or talked, as its counters tell; half-open, in UTC.

    Its bounds are as exact as the readings are frequent. A watching console never counts.
    """

    __tablename__ = "activities"
    __table_args__ = (
        Index("ix_activities_workspace_ended", "workspace_id", "ended_at"),
        Index("ix_activities_machine_ended", "machine_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    machine_id: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class IdleDay(Base):
    """The part of a day's compute that nobody used; part of the usage day, not beside it."""

    __tablename__ = "idle_days"

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    micros: Mapped[int] = mapped_column(BigInteger)
    amount_nano: Mapped[int] = mapped_column(BigInteger)


class FleetIdle(Base):
    __tablename__ = "fleet_idle"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    micros: Mapped[int] = mapped_column(BigInteger)
    amount_nano: Mapped[int] = mapped_column(BigInteger)
