"""The rules for unusual usage: made, changed and laid to rest by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from jarvis_admin.domain.anomalies import Rule
from jarvis_admin.domain.money import csv_dollars
from jarvis_admin.errors import Invalid, NotFound
from jarvis_admin.models import Plan, Staff, UnusualRule
from jarvis_admin.services import audit
from jarvis_admin.services.budgets import LONGEST_SNOOZE, MOST_NANO

MOST_PERCENT = 100_000
_MOST_RULES = 20


@dataclass(frozen=True)
class RuleWish:
    plan: str
    percent: int
    minimum_nano: int
    owner_id: int | None

    @property
    def rule(self) -> Rule:
        return Rule(self.percent, self.minimum_nano)


def every(session: Session) -> Sequence[UnusualRule]:
    return session.scalars(
        select(UnusualRule)
        .options(joinedload(UnusualRule.owner))
        .order_by(UnusualRule.plan, UnusualRule.percent, UnusualRule.id)
    ).all()


def get(session: Session, rule_id: int) -> UnusualRule:
    row = session.get(UnusualRule, rule_id)
    if row is None:
        raise NotFound("There is no such rule; it may have been deleted.")
    return row


def check(session: Session, wish: RuleWish) -> None:
    if not 1 <= wish.percent <= MOST_PERCENT:
        raise Invalid(f"The percentage lies between 1 and {MOST_PERCENT:,}.")
    if not 0 < wish.minimum_nano <= MOST_NANO:
        raise Invalid("The minimum amount is more than nothing.")
    if wish.plan and session.scalar(select(Plan.id).where(Plan.key == wish.plan)) is None:
        raise Invalid(f"There is no plan {wish.plan}.")
    if wish.owner_id is not None and session.get(Staff, wish.owner_id) is None:
        raise Invalid("The owner is not among the staff any more.")


def save(
    session: Session, wish: RuleWish, *, actor: str, now: datetime, rule_id: int | None = None
) -> UnusualRule:
    check(session, wish)
    if rule_id is None and len(every(session)) >= _MOST_RULES:
        raise Invalid(f"At most {_MOST_RULES} rules.")
    row = UnusualRule(created_at=now) if rule_id is None else get(session, rule_id)
    row.plan, row.percent = wish.plan, wish.percent
    row.minimum_nano, row.owner_id = wish.minimum_nano, wish.owner_id
    session.add(row)
    session.flush()
    _record(session, row, "rule made" if rule_id is None else "rule changed", actor, now)
    return row


def delete(session: Session, rule_id: int, *, actor: str, now: datetime) -> None:
    row = get(session, rule_id)
    _record(session, row, "rule deleted", actor, now)
    session.delete(row)
    session.flush()


def snooze(
    session: Session,
    rule_id: int,
    until: datetime | None,
    *,
    reason: str,
    actor: str,
    at: datetime,
) -> None:
    row = get(session, rule_id)
    if until is not None and not at < until <= at + LONGEST_SNOOZE:
        raise Invalid(f"A snooze ends within {LONGEST_SNOOZE.days} days.")
    if until is not None and not 3 <= len(reason) <= 500:
        raise Invalid("A reason of 3 to 500 characters goes into the audit trail.")
    row.snoozed_until = until
    _record(session, row, "rule snoozed" if until else "rule woken", actor, at, reason)


def _record(
    session: Session, row: UnusualRule, action: str, actor: str, now: datetime, reason: str = ""
) -> None:
    until = row.snoozed_until.isoformat() if row.snoozed_until else ""
    details = {
        "percent": row.percent,
        "minimum_usd": csv_dollars(row.minimum_nano),
        "snoozed_until": until,
    }
    audit.record(
        session,
        at=now,
        actor=actor,
        action=action,
        subject=f"Unusual usage {row.plan}".strip(),
        reason=reason,
        details=details,
    )
