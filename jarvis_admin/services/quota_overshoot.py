"""How far a machine went on past the point where it had to sleep.

That point is the limit, or, when the limit came down to a use that was there already, the use at
that moment: who ran on a grant overshoots nothing before the grant has ended.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import ASLEEP
from jarvis_admin.domain.quotas.brakes import Level, Standing
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.models import Exemption, Grant, QuotaLimit, Workspace
from jarvis_admin.services.quota_accounts import Account

# Everybody is looked at once a minute; what money grew before that is told apart no finer.
_NOTICED_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True)
class Held:
    """A brake as it was when it was looked at."""

    level: Level
    kind: str
    permille: int
    limit: int
    used: int
    overshoot: int


def of(
    session: Session,
    account: Account,
    found: Standing | None,
    before: Held | None,
    now: datetime,
    changed: datetime | None,
) -> int:
    """`changed`: when the limits did, where the caller knows."""
    if found is None or found.level is not Level.SUSPEND_NOW:
        return 0
    if before is not None and (before.level, before.kind) == (found.level, found.kind):
        return goes_on(account, found, before)
    if account.state in ASLEEP or not found.overshoot:
        return 0
    changed = changed or _changed_at(session, account, found.kind, now)
    if changed is None:
        return found.overshoot
    if found.kind is Kind.RUNNING:
        return min(found.overshoot, int((now - changed).total_seconds()))
    return 0 if now - changed < _NOTICED_WITHIN else found.overshoot


def goes_on(account: Account, found: Standing, before: Held) -> int:
    """Of a brake that had to put it to sleep before: counted as long as it is awake.

    Hours are known to the second only once it sleeps, so they are counted once more then; money
    goes on growing with the storage, which no brake can end. Who was asleep already when a limit
    was lowered below their use has overshot nothing.
    """
    if account.state in ASLEEP and not (found.kind is Kind.RUNNING and before.overshoot):
        return before.overshoot
    had_to_sleep = before.used - before.overshoot
    return max(min(found.overshoot, found.used - had_to_sleep), 0)


def _changed_at(session: Session, account: Account, kind: Kind, now: datetime) -> datetime | None:
    """When a limit was last set, or something given last ended."""
    plan_id = select(Workspace.plan_id).where(Workspace.id == account.workspace_id)
    set_for = or_(
        QuotaLimit.user_id == account.user_id, QuotaLimit.plan_id == plan_id.scalar_subquery()
    )
    found = [
        session.scalar(select(func.max(QuotaLimit.set_at)).where(set_for, QuotaLimit.kind == kind))
    ]
    for given in (Grant, Exemption):
        ended = func.coalesce(given.revoked_at, given.until)
        mine = select(func.max(ended)).where(given.user_id == account.user_id, ended <= now)
        found.append(session.scalar(mine.where(Grant.kind == kind) if given is Grant else mine))
    return max((at for at in found if at is not None), default=None)
