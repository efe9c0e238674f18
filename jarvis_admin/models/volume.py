"""Fly volumes and their snapshots, as last observed."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
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
    __table_args__ = (Index("ix_snapshots_workspace_created", "workspace_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # Fly's own id
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    volume_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    retention_days: Mapped[int]
    created_at: Mapped[datetime]

    def __repr__(self) -> str:
        return f"<Snapshot {self.id} {self.status}>"
