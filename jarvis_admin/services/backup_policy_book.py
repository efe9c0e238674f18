"""Every backup policy at once, for what looks at the whole fleet: plans are few, and exceptions."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain import backup_policy
from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.models import BackupPolicy as Row


class PolicyBook:
    def __init__(self, session: Session) -> None:
        rows = session.scalars(select(Row)).all()
        self._plans = {row.plan_id: row for row in rows if row.plan_id is not None}
        self._users = {row.user_id: row for row in rows if row.user_id is not None}

    def of(self, plan_id: int, user_id: int | None) -> BackupPolicy:
        """The same as backup_policies.of_workspace."""
        found = [self._plans.get(plan_id), self._users.get(user_id) if user_id else None]
        return backup_policy.resolve(row for row in found if row is not None)
