"""What a user gets: machine size, volume, and how idleness ends."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base


class Plan(Base):
    __tablename__ = "plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    size: Mapped[str] = mapped_column(String(40))  # Size.slug
    volume_gb: Mapped[int]
    idle_policy: Mapped[str] = mapped_column(String(16), default="activity")  # or "proxy"
    snapshot_retention_days: Mapped[int] = mapped_column(default=5)
    price_month_nano: Mapped[int] = mapped_column(BigInteger, default=0)
    idle_minutes: Mapped[int] = mapped_column(default=30)  # without a sign of life
    brake_mode: Mapped[str] = mapped_column(String(8), default="full")  # domain.quotas.brakes.Mode
    overrun_percent: Mapped[int] = mapped_column(default=0)  # past the limit, before it must sleep

    def __repr__(self) -> str:
        return f"<Plan {self.key}>"
