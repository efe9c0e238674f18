"""Fly volumes and their snapshots, as last observed."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base


class Volume(Base):
    __tablename__ = "volumes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # Fly's own id
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), index=True)
    region: Mapped[str] = mapped_column(String(8))
    size_gb: Mapped[int]
    state: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return f"<Volume {self.id} {self.size_gb} GB>"


class Snapshot(Base):
    __tablename__ = "snapshots"
    __table_args__ = (
        Index("ix_snapshots_workspace_created", "workspace_id", "created_at"),
        Index("ix_snapshots_volume", "volume_id"),
        Index(
            "ix_snapshots_expires",
            "expires_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # Fly's own id
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    volume_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    retention_days: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # Fly deletes it then, unless somebody did before
    ended_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return f"<Snapshot {self.id} {self.status}>"
