"""Restore drills: archives that were restored into a machine of their own, to prove them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base


class Drill(Base):
    """`state` runs running, passed, or failed; one that was broken off has failed."""

    __tablename__ = "drills"
    __table_args__ = (
        Index("ix_drills_started", "started_at", "id"),
        Index("ix_drills_archive", "archive_id"),
        Index("ix_drills_workspace_started", "workspace_id", "started_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    archive_id: Mapped[str] = mapped_column(ForeignKey("archives.id"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    operation_id: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(8), default="running")
    app_name: Mapped[str] = mapped_column(String(63))  # of its own, deleted with all in it
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    files: Mapped[int] = mapped_column(BigInteger, default=0)  # compared with the manifest
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    boot_ms: Mapped[int] = mapped_column(default=0)  # until the guest's own check passed
    error: Mapped[str] = mapped_column(String(500), default="")

    def __repr__(self) -> str:
        return f"<Drill {self.id} {self.state}>"
