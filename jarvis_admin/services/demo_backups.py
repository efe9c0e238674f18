"""Backup policies of the demo fleet. Its archives are real ones: the schedule makes them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.models import Plan, Workspace
from jarvis_admin.services import backup_policies
from jarvis_admin.services.backup_policies import Terms

_MARTA = "Marta Keller"
_PLANS: dict[str, Terms] = {
    "free": {
        "every_hours": 72,
        "keep_last": 2,
        "keep_daily": 3,
        "keep_weekly": 2,
        "keep_monthly": 0,
        "undo_days": 3,
        "prove_days": 90,
    },
    "pro": {"keep_last": 3, "keep_daily": 7, "keep_weekly": 4, "keep_monthly": 3},
    "team": {
        "every_hours": 6,
        "keep_last": 8,
        "keep_daily": 14,
        "keep_weekly": 8,
        "keep_monthly": 12,
        "undo_days": 14,
        "prove_days": 14,
    },
}
_EXCEPTION = "ada"
_HERS: Terms = {
    "every_hours": 24,
    "at_minute": 21 * 60 + 30,
    "quiet_from": 8 * 60,
    "quiet_until": 18 * 60,
    "keep_monthly": 24,
}


def add(session: Session, now: datetime) -> None:
    for plan in session.scalars(select(Plan).where(Plan.key.in_(_PLANS))):
        backup_policies.set_for_plan(
            session, plan, _PLANS[plan.key], by=_MARTA, reason="as the price list says", now=now
        )
    rows = session.scalars(select(Workspace).where(Workspace.handle == _EXCEPTION))
    for workspace in rows:
        backup_policies.set_for_user(
            session,
            workspace,
            _HERS,
            by=_MARTA,
            reason="design partner: works all day, is audited once a year",
            now=now,
        )
