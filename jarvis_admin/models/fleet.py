"""One row about the whole fleet, its counters, and who runs which loop."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base


class Fleet(Base):
    """Row 1, always there. `revision` rises with every change a live page could show."""

    __tablename__ = "fleet"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    synced_at: Mapped[datetime | None]  # last complete read of Fly's list
    changed_after: Mapped[datetime | None]  # newest `updated_at` Fly has told us
    swept_at: Mapped[datetime | None]  # last full sweep
    fault: Mapped[str] = mapped_column(String(500), default="")  # why Fly cannot be read now
    fault_since: Mapped[datetime | None]
    dark_regions: Mapped[str] = mapped_column(String(200), default="")  # Fly's error_regions


class FleetCount(Base):
    """How many workspaces are in which state where; kept by the worker, so no page counts."""

    __tablename__ = "fleet_counts"

    region: Mapped[str] = mapped_column(String(8), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int]


class FleetBurn(Base):
    """What the open intervals of a component cost: `accrued_nano` up to `as_of`, then the rate.

    Only the part since midnight UTC of `as_of`; kept by the worker, so no page sums a fleet.
    """

    __tablename__ = "fleet_burn"

    component: Mapped[str] = mapped_column(String(16), primary_key=True)
    rate_pico: Mapped[int] = mapped_column(BigInteger)
    accrued_nano: Mapped[int] = mapped_column(BigInteger)
    as_of: Mapped[datetime]


class WorkerBeat(Base):
    __tablename__ = "worker_beats"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]


class LoopLease(Base):
    """Which worker runs a loop, and until when if it dies."""

    __tablename__ = "loop_leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]
