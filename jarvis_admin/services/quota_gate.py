"""Whether the quotas let an operation begin: asked with live figures, the same for everybody."""

from datetime import datetime

from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.quotas.answers import Answer, may_back_up, may_start
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.models import Workspace
from jarvis_admin.services import quota_accounts, quota_usage
from jarvis_admin.services.quota_accounts import Account

_STARTS = frozenset({OperationKind.START, OperationKind.RESTART, OperationKind.PROVISION})


def refusal(
    session: Session, workspace: Workspace, kind: OperationKind, now: datetime
) -> str | None:
    """Why not, in words that follow the handle; None: the quotas allow it.

    No right passes this: who may give grants gives one first, and that is on record.
    """
    if workspace.user_id is None or kind not in (*_STARTS, OperationKind.BACKUP):
        return None
    account = quota_accounts.look_at(session, workspace.id, now)
    if account is None:
        return None
    if kind is OperationKind.BACKUP:
        answer = may_back_up(account.usage[Kind.BACKUPS], account.limits, account.policy)
    else:
        answer = ask(account, quota_usage.memory_of(workspace.size), now)
    return None if answer.allowed else answer.sentence


def ask(account: Account, memory_mb: int, now: datetime) -> Answer:
    return may_start(memory_mb, account.limits, account.usage, account.policy, now)
