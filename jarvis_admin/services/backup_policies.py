"""Which backup policy counts for whom."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain import backup_policy
from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.models import BackupPolicy as Row
from jarvis_admin.models import Workspace


def of_workspace(session: Session, workspace: Workspace) -> BackupPolicy:
    """The plan's policy with the user's exceptions; without either, the house's."""
    rows = session.scalars(
        select(Row)
        .where(or_(Row.plan_id == workspace.plan_id, Row.user_id == workspace.user_id))
        .order_by(Row.user_id.is_not(None))
    )
    return backup_policy.resolve(rows)
