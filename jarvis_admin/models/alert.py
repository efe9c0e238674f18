"""What fired, where it is sent, and how the sending went."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jarvis_admin.models.base import Base, BigKey


class Alert(Base):
    """Something people should hear of once: `key` names it, the database keeps it unique."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_at", "at", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(16))  # services.alerts.Kind
    at: Mapped[datetime]
    period: Mapped[str] = mapped_column(String(10))  # 2026-11, 2026-11-23 or 2026-W48
    scope: Mapped[str] = mapped_column(String(8), default="")
    subject: Mapped[str] = mapped_column(String(63), default="")  # plan, region or handle; role
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(4000))
    amount_nano: Mapped[int] = mapped_column(BigInteger, default=0)
    limit_nano: Mapped[int] = mapped_column(BigInteger, default=0)  # what it was compared with
    quiet: Mapped[bool] = mapped_column(default=False)  # passed over for a higher threshold


class Channel(Base):
    """Where alerts go. Its address holds secrets: kept sealed, shown only in part."""

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    sealed: Mapped[str] = mapped_column(Text)  # services.sealing
    shown: Mapped[str] = mapped_column(String(120))
    kinds: Mapped[list[str]] = mapped_column(JSON)
    roles: Mapped[list[str]] = mapped_column(JSON)  # whose weekly digest it gets
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]

    def __repr__(self) -> str:
        return f"<Channel {self.name}>"


class Delivery(Base):
    """One message to one channel; sent at least once, and again only after a worker's death."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("channel_id", "alert_id"),
        Index("ix_deliveries_due", "state", "next_try"),
        Index("ix_deliveries_created", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id"))  # None: a test
    state: Mapped[str] = mapped_column(String(8))  # services.deliveries.State
    attempts: Mapped[int] = mapped_column(default=0)
    next_try: Mapped[datetime | None]
    asked_by: Mapped[str] = mapped_column(String(120), default="")  # empty: the worker
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(300), default="")

    channel: Mapped[Channel] = relationship()
    alert: Mapped[Alert | None] = relationship()
