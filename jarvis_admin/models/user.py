"""An end user of My Jarvis."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from jarvis_admin.models.base import Base
from jarvis_admin.models.plan import Plan


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(String(63), unique=True)  # their subdomain
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    region: Mapped[str] = mapped_column(String(8))
    user_group: Mapped[str] = mapped_column(String(32), default="")  # a company, a cohort
    created_at: Mapped[datetime]

    plan: Mapped[Plan] = relationship()

    def __repr__(self) -> str:
        return f"<User {self.handle}>"
