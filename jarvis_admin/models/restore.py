"""Restores and resets: what a workspace was put on, and what was parked for the way back."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base

_PARKED = text("parked_until IS NOT NULL AND parking_ended_at IS NULL")


class Restore(Base):
    """`state` runs making, done, or failed; the columns on parking say how the old ones fared."""

    __tablename__ = "restores"
    __table_args__ = (
        Index("ix_restores_workspace_started", "workspace_id", "started_at"),
        Index(
            "ix_restores_parked",
            "parked_until",
            sqlite_where=_PARKED,
            postgresql_where=_PARKED,
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"))
    operation_id: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))  # domain.restores.Kind
    target: Mapped[str] = mapped_column(String(8))  # domain.restores.Target
    archive_id: Mapped[str | None] = mapped_column(ForeignKey("archives.id"))
    snapshot_id: Mapped[str | None] = mapped_column(String(64))  # Fly's
    undoes_id: Mapped[str | None] = mapped_column(ForeignKey("restores.id"))
    state: Mapped[str] = mapped_column(String(8), default="making")
    error: Mapped[str] = mapped_column(String(500), default="")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    # What was made.
    app_name: Mapped[str] = mapped_column(String(63), default="")  # of a scratch machine
    region: Mapped[str] = mapped_column(String(8), default="")
    volume_id: Mapped[str | None] = mapped_column(String(64))
    machine_id: Mapped[str | None] = mapped_column(String(32))
    compared_files: Mapped[int | None] = mapped_column(BigInteger)  # each with its manifest
    away_since: Mapped[datetime | None]  # the user could not work from here
    away_until: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]  # of a scratch machine or a volume beside

    # What it replaced.
    parked_machine_id: Mapped[str | None] = mapped_column(String(32))
    parked_volume_id: Mapped[str | None] = mapped_column(String(64))
    parked_region: Mapped[str] = mapped_column(String(8), default="")
    safety_snapshot_id: Mapped[str | None] = mapped_column(String(64))
    parked_at: Mapped[datetime | None]
    parked_until: Mapped[datetime | None]
    parking_ended_at: Mapped[datetime | None]
    parking_end: Mapped[str] = mapped_column(String(16), default="")  # returned, ended, expired

    def __repr__(self) -> str:
        return f"<Restore {self.id} {self.kind} {self.state}>"
