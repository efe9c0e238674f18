"""How each workspace's backups stand: written by the worker each minute, so that no page has to
look through ten thousand lists."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base

_TROUBLE = text("rank > 0")


class BackupStanding(Base):
    __tablename__ = "backup_standings"
    __table_args__ = (
        Index(
            "ix_backup_standings_trouble",
            "rank",
            "workspace_id",
            sqlite_where=_TROUBLE,
            postgresql_where=_TROUBLE,
        ),
        Index("ix_backup_standings_begin", "begin_at"),
        Index("ix_backup_standings_pruned", "pruned_at"),
    )

    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    due_at: Mapped[datetime | None]  # by the policy; None: it asks for no archives
    begin_at: Mapped[datetime | None]  # not before: patience after failures, quiet hours
    failures: Mapped[int] = mapped_column(default=0)  # since the last good one
    in_policy: Mapped[bool] = mapped_column(default=False)
    proven: Mapped[bool] = mapped_column(default=False)  # within the days of its policy
    unproven_since: Mapped[datetime | None]  # the last proof, or the first archive before any
    last_good_at: Mapped[datetime | None]
    newest_id: Mapped[str] = mapped_column(String(32), default="")  # the last good one
    odd: Mapped[str] = mapped_column(String(200), default="")  # about the size of that one
    archives: Mapped[int] = mapped_column(default=0)
    stored_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    rank: Mapped[int] = mapped_column(default=0)  # of the trouble, the worst is 1; 0: none
    trouble: Mapped[str] = mapped_column(String(16), default="")  # domain.backup_standing.Trouble
    said: Mapped[str] = mapped_column(String(500), default="")
    stood_at: Mapped[datetime]  # when this was last different
    pruned_at: Mapped[datetime | None]  # retention last looked; None: it should

    def __repr__(self) -> str:
        return f"<BackupStanding {self.workspace_id} {self.trouble}>"
