"""A what-if: another policy, the past it is tried on, and what came out."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base, BigKey


class Scenario(Base):
    """Asked in the console, computed by the worker: `done` of `total` workspaces so far.

    `tally` holds the sums up to workspace `cursor` while it runs, and the result when it is done.
    """

    __tablename__ = "scenarios"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    author: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    query: Mapped[str] = mapped_column(String(500), default="")  # which machines
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)  # not part of it any more
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved: Mapped[bool] = mapped_column(default=False)  # else forgotten after a week

    state: Mapped[str] = mapped_column(String(16), default="queued")  # running, done, failed
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    tally: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(String(500), default="")
    finished_at: Mapped[datetime | None]

    @property
    def days(self) -> int:
        return (self.until - self.since).days

    def __repr__(self) -> str:
        return f"<Scenario {self.id} {self.state}>"
