"""What was used by the second and what it cost: intervals, and the roll-ups of the whole ledger.

Amounts are nanodollars, rates picodollars per second, spans microseconds: whole numbers only.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base, BigKey

_OPEN = text("ended_at IS NULL")
_SNAPSHOTS = text("component = 'snapshot'")
NOT_USERS = text("owner <> 'user'")  # of a cell; an index leads a statement that says just this


class Interval(Base):
    """A stretch in one state with one size, region and price; half-open, in UTC.

    A closed interval lies within one UTC day and carries its amount; an open one has neither.
    `plan` and `user_group` are those of the user when it was opened, so an old day never moves.
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
        Index("ix_intervals_resource_started", "resource_id", "started_at"),
        Index(
            "ix_intervals_open_started",
            "started_at",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "ix_intervals_workspace_open",
            "workspace_id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        # The free gigabytes are shared out by a day's snapshots, of all workspaces.
        Index(
            "ix_intervals_snapshots",
            "started_at",
            sqlite_where=_SNAPSHOTS,
            postgresql_where=_SNAPSHOTS,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int | None] = mapped_column(ForeignKey("workspaces.id"))  # None: orphan
    owner: Mapped[str] = mapped_column(String(8), default="user")  # domain.owners.Owner
    plan: Mapped[str] = mapped_column(String(32), default="")  # Plan.key
    user_group: Mapped[str] = mapped_column(String(32), default="")
    resource_id: Mapped[str] = mapped_column(String(64))  # Fly's id of what is billed
    component: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    size: Mapped[str] = mapped_column(String(40))  # Size.slug, "10 GB", "2048 MB", "123456 B", "v4"
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


class CostCell(Base):
    """A day of the fleet by everything a report groups by: their sum is the fleet day."""

    __tablename__ = "cost_cells"
    # Without the amount: in the index, it would make each change of a user's cell dearer, too.
    __table_args__ = (
        Index(
            "ix_cost_cells_not_users",
            "owner",
            "day",
            sqlite_where=NOT_USERS,
            postgresql_where=NOT_USERS,
        ),
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    component: Mapped[str] = mapped_column(String(16), primary_key=True)
    owner: Mapped[str] = mapped_column(String(8), primary_key=True)
    plan: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_group: Mapped[str] = mapped_column(String(32), primary_key=True)
    region: Mapped[str] = mapped_column(String(8), primary_key=True)
    size: Mapped[str] = mapped_column(String(40), primary_key=True)
    micros: Mapped[int] = mapped_column(BigInteger)
    amount_nano: Mapped[int] = mapped_column(BigInteger)
