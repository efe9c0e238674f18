"""Limits, what is granted beyond them, and the brakes that hold."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base, BigKey


class QuotaLimit(Base):
    """Of a plan, or of one user in its place. `amount` None: no limit; units as in Kind."""

    __tablename__ = "quota_limits"
    __table_args__ = (
        UniqueConstraint("plan_id", "kind"),
        UniqueConstraint("user_id", "kind"),
        CheckConstraint("(plan_id IS NULL) <> (user_id IS NULL)", name="one_scope"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(16))  # domain.quotas.kinds.Kind
    amount: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(500), default="")
    set_by: Mapped[str] = mapped_column(String(120))
    set_at: Mapped[datetime]


class Grant(Base):
    """More for one user until a date; what is taken back keeps its row."""

    __tablename__ = "grants"
    __table_args__ = (Index("ix_grants_user_until", "user_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(16))
    amount: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500))
    granted_by: Mapped[str] = mapped_column(String(120))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(String(120), default="")


class Exemption(Base):
    """No quota holds for the user until a date."""

    __tablename__ = "exemptions"
    __table_args__ = (Index("ix_exemptions_user_until", "user_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500))
    given_by: Mapped[str] = mapped_column(String(120))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(String(120), default="")


class Brake(Base):
    """Who is near or over a limit: a row from the warning on, gone when the use is below it.

    `level` is what our rules say; `cordoned_machine` is what Fly has confirmed. They differ for
    the moment between, and for as long as Fly cannot be asked.
    """

    __tablename__ = "brakes"
    __table_args__ = (
        Index("ix_brakes_permille", "permille", "workspace_id"),
        Index("ix_brakes_level", "level", "permille", "workspace_id"),
    )

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    level: Mapped[str] = mapped_column(String(16))  # domain.quotas.brakes.Level
    kind: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]  # of this level
    reason: Mapped[str] = mapped_column(String(500), default="")  # why it is not woken, or empty
    used: Mapped[int] = mapped_column(BigInteger)  # when the level was last written
    limit_amount: Mapped[int] = mapped_column(BigInteger)
    permille: Mapped[int] = mapped_column(BigInteger)
    overshoot: Mapped[int] = mapped_column(BigInteger, default=0)  # when it had to sleep
    ends_at: Mapped[datetime | None]
    cordoned_machine: Mapped[str] = mapped_column(String(32), default="")  # empty: none is
    cordon_note: Mapped[str] = mapped_column(String(500), default="")  # why Fly did not confirm

    @property
    def cordoned(self) -> bool:
        return bool(self.cordoned_machine)

    def __repr__(self) -> str:
        return f"<Brake {self.workspace_id} {self.level}>"


class BrakeEvent(Base):
    """Each change of a brake's level; append-only."""

    __tablename__ = "brake_events"
    __table_args__ = (
        Index("ix_brake_events_workspace_at", "workspace_id", "at"),
        Index("ix_brake_events_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    at: Mapped[datetime]
    before: Mapped[str] = mapped_column(String(16))
    level: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    used: Mapped[int] = mapped_column(BigInteger)
    limit_amount: Mapped[int | None] = mapped_column(BigInteger)  # None: lifted by its absence
    overshoot: Mapped[int] = mapped_column(BigInteger, default=0)
