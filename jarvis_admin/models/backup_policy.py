"""When workspaces are archived and what is kept: by plan, with exceptions by user.

A column without a value inherits: a user's from the plan's, a plan's from the house's default
(domain/backup_policy.py). A plan's row counts for all its users, also those to come.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from jarvis_admin.models.base import Base


class BackupPolicy(Base):
    __tablename__ = "backup_policies"
    __table_args__ = (
        CheckConstraint("(plan_id IS NULL) <> (user_id IS NULL)", name="one_subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), unique=True)
    every_hours: Mapped[int | None]  # 0: no archives at all
    at_minute: Mapped[int | None]  # of the local day, when every_hours is a day or more
    timezone: Mapped[str | None] = mapped_column(String(64))  # IANA; None: of the home region
    quiet_from: Mapped[int | None]  # minutes of the local day between which nothing begins
    quiet_until: Mapped[int | None]
    keep_last: Mapped[int | None]
    keep_daily: Mapped[int | None]
    keep_weekly: Mapped[int | None]
    keep_monthly: Mapped[int | None]
    snapshot_days: Mapped[int | None]  # how long Fly keeps its snapshots, 1 to 60
    undo_days: Mapped[int | None]  # how long a reset can be taken back
    prove_days: Mapped[int | None]  # within how many days a backup must be proven
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(120))

    def __repr__(self) -> str:
        return f"<BackupPolicy plan={self.plan_id} user={self.user_id}>"
