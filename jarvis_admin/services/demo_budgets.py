"""Budgets of the demo fleet: one at ease, one nearly used up, one for a single user."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.money import NANO
from jarvis_admin.models import Staff
from jarvis_admin.services import budget_standing, budgets, fleet, unusual_rules
from jarvis_admin.services.budgets import Wish
from jarvis_admin.services.unusual_rules import RuleWish


def add(session: Session, now: datetime) -> None:
    """After history, plans and staff: the amounts are made to fit what was spent."""
    owner, name = session.execute(
        select(Staff.id, Staff.name).where(Staff.email.startswith("lea@"))
    ).one()
    fleet.recount(session, now)  # what is open counts, too
    told = budget_standing.outlooks(
        session, [("fleet", ""), ("plan", "pro"), ("user", "alice")], now
    )
    amounts = {
        ("fleet", ""): told["fleet", ""].expected_nano * 6 // 5,
        ("plan", "pro"): told["plan", "pro"].actual_nano * 100 // 82,
        ("user", "alice"): told["user", "alice"].expected_nano * 3 // 2,
    }
    for (scope, key), nano in amounts.items():
        wish = Wish(scope, key, _whole(nano), [50, 80, 100], [100], owner, _NOTES[scope])
        budgets.save(session, wish, actor=name, now=now)
    unusual_rules.save(session, RuleWish("", 200, NANO // 2, owner), actor=name, now=now)


_NOTES = {
    "fleet": "The board agreed to this for the year.",
    "plan": "Look for machines that never sleep first.",
    "user": "A heavy user on purpose; tell support before anybody acts.",
}


def _whole(nano: int) -> int:
    """To ten cents, and never nothing: on the first of a month little is spent."""
    step = NANO // 10
    return max(nano // step * step, NANO)
