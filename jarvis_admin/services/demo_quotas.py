"""Quotas of the demo fleet: what its plans give, and a few people near or over a limit."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.models import Plan, User, Workspace
from jarvis_admin.services import quota_accounts, quota_brakes, quota_grants, quota_limits
from jarvis_admin.services.demo_people import NANO

_MARTA, _JONAS = "Marta Keller", "Jonas Brandt"
_HOUR = 3600

_PLANS = {
    "free": {
        Kind.RUNNING: 60 * _HOUR,
        Kind.DOLLARS: 3 * NANO,
        Kind.WAKES: 40,
        Kind.STORAGE: 5,
        Kind.MEMORY: 1024,
        Kind.BACKUPS: 10,
    },
    "pro": {
        Kind.RUNNING: 300 * _HOUR,
        Kind.DOLLARS: 20 * NANO,
        Kind.WAKES: 80,
        Kind.STORAGE: 20,
        Kind.MEMORY: 4096,
        Kind.BACKUPS: 30,
    },
    "team": {
        Kind.DOLLARS: 60 * NANO,
        Kind.STORAGE: 50,
        Kind.MEMORY: 8192,
        Kind.BACKUPS: 60,
    },
}
# Own limits that put somebody at so many percent of what they have used so far.
_AT_PERCENT = (
    ("amir", 103, "trial of October, not extended"),
    ("andrea", 84, "budget agreed with Conti Studio"),
    ("arjun", 91, "trial until the contract begins"),
    ("alan", 97, "trial until the contract begins"),
)
_IDLE_MINUTES = {"free": 15, "pro": 30, "team": 60}


def add(session: Session, now: datetime) -> None:
    for plan in session.scalars(select(Plan).where(Plan.key.in_(_PLANS))):
        plan.idle_minutes = _IDLE_MINUTES[plan.key]
        quota_limits.set_for_plan(
            session, plan, _PLANS[plan.key], by=_MARTA, reason="as the price list says", now=now
        )
    users = {user.handle: user for user in session.scalars(select(User))}
    _give(session, users, now)
    workspaces = {row.handle: row for row in session.scalars(select(Workspace))}
    for handle, percent, reason in _AT_PERCENT:
        if handle in users:
            _put_at(session, users[handle], workspaces[handle], percent, reason, now)
    _brake(session, now)


def _give(session: Session, users: dict[str, User], now: datetime) -> None:
    if "abigail" in users:
        quota_grants.grant(
            session,
            users["abigail"],
            Kind.RUNNING,
            40 * _HOUR,
            until=now + timedelta(days=20),
            reason="case 4140: conference demo",
            by=_JONAS,
            now=now,
        )
    if "ada" in users:
        quota_grants.exempt(
            session,
            users["ada"],
            until=now + timedelta(days=60),
            reason="design partner",
            by=_MARTA,
            now=now,
        )


def _put_at(
    session: Session, user: User, workspace: Workspace, percent: int, reason: str, now: datetime
) -> None:
    account = quota_accounts.look_at(session, workspace.id, now)
    used = account.usage[Kind.RUNNING] if account else 0
    if used:
        limit = 100 * used // percent
        quota_limits.set_for_user(
            session, user, Kind.RUNNING, limit, by=_MARTA, reason=reason, now=now
        )


def _brake(session: Session, now: datetime) -> None:
    """As the worker's first round would, so that the pages are right from the first second on."""
    session.flush()
    for batch in quota_accounts.in_batches(quota_accounts.everybody(session)):
        for account in quota_accounts.look(session, batch, now).values():
            quota_brakes.judge(session, account, now)
