"""Budgets: made, changed and laid to rest by people; looked at each minute by the worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from jarvis_admin.domain.budgets import Threshold, thresholds
from jarvis_admin.domain.money import csv_dollars
from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import Budget, Plan, Staff, User, Workspace
from jarvis_admin.services import audit, budget_standing

SCOPES = ("fleet", "plan", "region", "user")
MOST_NANO = 10**9 * 10**9  # a billion dollars still fits every column
LONGEST_SNOOZE = timedelta(days=92)


@dataclass(frozen=True)
class Wish:
    """What a person asked a budget to be."""

    scope: str
    key: str
    amount_nano: int
    actual: Sequence[int]
    forecast: Sequence[int]
    owner_id: int | None
    note: str

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        return thresholds(self.actual, self.forecast)


def every(session: Session) -> list[Budget]:
    """The fleet's first, then by scope and key; one statement."""
    rows = session.scalars(select(Budget).options(joinedload(Budget.owner))).all()
    return sorted(rows, key=lambda row: (SCOPES.index(row.scope), row.key))


def get(session: Session, budget_id: int) -> Budget:
    row = session.get(Budget, budget_id)
    if row is None:
        raise NotFound("There is no such budget; it may have been deleted.")
    return row


def thresholds_of(row: Budget) -> tuple[Threshold, ...]:
    return thresholds(row.actual_percents, row.forecast_percents)


def name_of(scope: str, key: str) -> str:
    """As a sentence begins with it."""
    return "Fleet" if scope == "fleet" else f"{scope.capitalize()} {key}"


def is_snoozed(row: Budget, now: datetime) -> bool:
    return row.snoozed_until is not None and row.snoozed_until > now


def check(session: Session, wish: Wish, *, budget_id: int | None = None) -> None:
    """Invalid with what keeps the wish from being saved."""
    if wish.scope not in SCOPES:
        raise Invalid("A budget is for the fleet, a plan, a region or a user.")
    if (wish.key == "") != (wish.scope == "fleet"):
        raise Invalid(f"Say which {wish.scope} the budget is for.")
    if not 0 < wish.amount_nano <= MOST_NANO:
        raise Invalid("The amount is more than nothing and at most a billion dollars.")
    if not wish.thresholds:
        raise Invalid("A budget without a threshold would never tell anybody: name at least one.")
    if len(wish.note) > 500:
        raise Invalid("A note has at most 500 characters.")
    if not _exists(session, wish.scope, wish.key):
        raise Invalid(f"There is no {wish.scope} {wish.key}.")
    if wish.owner_id is not None and session.get(Staff, wish.owner_id) is None:
        raise Invalid("The owner is not among the staff any more.")
    same = select(Budget.id).where(Budget.scope == wish.scope, Budget.key == wish.key)
    if session.scalar(same) not in (None, budget_id):
        raise Conflict(f"{name_of(wish.scope, wish.key)} has a budget already: change that one.")


def save(
    session: Session, wish: Wish, *, actor: str, now: datetime, budget_id: int | None = None
) -> Budget:
    """Makes it, or changes the one given; how the month stands is known at once."""
    check(session, wish, budget_id=budget_id)
    row = Budget(created_at=now) if budget_id is None else get(session, budget_id)
    row.scope, row.key, row.amount_nano = wish.scope, wish.key, wish.amount_nano
    row.actual_percents, row.forecast_percents = list(wish.actual), list(wish.forecast)
    row.owner_id, row.note = wish.owner_id, wish.note
    budget_standing.renew(session, [row], now)
    session.add(row)
    session.flush()
    _record(session, row, "budget made" if budget_id is None else "budget changed", actor, now)
    return row


def delete(session: Session, budget_id: int, *, actor: str, now: datetime) -> str:
    """Its alerts stay; what it was called."""
    row = get(session, budget_id)
    _record(session, row, "budget deleted", actor, now)
    session.delete(row)
    session.flush()
    return name_of(row.scope, row.key)


def snooze(
    session: Session,
    budget_id: int,
    until: datetime | None,
    *,
    reason: str,
    actor: str,
    at: datetime,
) -> Budget:
    """No alert until then; what is still over its threshold then fires then. None: listen again."""
    row = get(session, budget_id)
    if until is not None:
        if not at < until <= at + LONGEST_SNOOZE:
            raise Invalid(f"A snooze ends within {LONGEST_SNOOZE.days} days.")
        if not 3 <= len(reason) <= 500:
            raise Invalid("A reason of 3 to 500 characters goes into the audit trail.")
    row.snoozed_until, row.snooze_reason = until, reason if until else ""
    action = "budget snoozed" if until else "budget woken"
    details = {"until": until.isoformat()} if until else {}
    subject = name_of(row.scope, row.key)
    audit.record(
        session, at=at, actor=actor, action=action, subject=subject, reason=reason, details=details
    )
    return row


def _record(session: Session, row: Budget, action: str, actor: str, now: datetime) -> None:
    audit.record(
        session,
        at=now,
        actor=actor,
        action=action,
        subject=name_of(row.scope, row.key),
        details={
            "usd_a_month": csv_dollars(row.amount_nano),
            "actual_percents": row.actual_percents,
            "forecast_percents": row.forecast_percents,
        },
    )


def _exists(session: Session, scope: str, key: str) -> bool:
    if scope == "fleet":
        return True
    if scope == "plan":
        return session.scalar(select(Plan.id).where(Plan.key == key)) is not None
    if scope == "user":
        return session.scalar(select(User.id).where(User.handle == key)) is not None
    here = select(Workspace.id).where(Workspace.region == key).limit(1)
    return key in REGIONS or session.scalar(here) is not None
