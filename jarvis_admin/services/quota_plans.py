"""What plans give: their limits and how far their brakes go, read and changed together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.quotas.brakes import Mode, Policy
from jarvis_admin.domain.quotas.kinds import Kind, written
from jarvis_admin.errors import Invalid, NotFound
from jarvis_admin.models import Plan, QuotaLimit
from jarvis_admin.services import audit, quota_accounts, quota_limits, quota_usage

_LONGEST_IDLE = 24 * 60
_MOST_OVERRUN = 100


@dataclass(frozen=True)
class Terms:
    """Everything of a plan that one form changes."""

    amounts: Mapping[Kind, int | None]
    mode: Mode
    overrun_percent: int
    idle_minutes: int


def get(session: Session, key: str) -> Plan:
    plan = session.scalars(select(Plan).where(Plan.key == key)).one_or_none()
    if plan is None:
        raise NotFound(f"There is no plan {key[:32]}.")
    return plan


def all_of(session: Session) -> list[tuple[Plan, dict[Kind, int | None]]]:
    """Two statements."""
    limits: dict[int, dict[Kind, int | None]] = {}
    for row in session.scalars(select(QuotaLimit).where(QuotaLimit.plan_id.is_not(None))):
        limits.setdefault(row.plan_id or 0, {})[Kind(row.kind)] = row.amount
    plans = session.scalars(select(Plan).order_by(Plan.price_month_nano, Plan.id))
    return [(plan, limits.get(plan.id, {})) for plan in plans]


def terms_of(session: Session, plan: Plan) -> Terms:
    rows = quota_limits.of_plan(session, plan)
    amounts = {kind: rows[kind].amount if kind in rows else None for kind in Kind}
    policy = quota_accounts.policy_of(plan)
    return Terms(amounts, policy.mode, policy.overrun_percent, plan.idle_minutes)


def check(plan: Plan, terms: Terms) -> None:
    """Raises Invalid for what would contradict the plan itself."""
    own = quota_usage.memory_of(plan.size)
    largest = terms.amounts.get(Kind.MEMORY)
    if largest is not None and largest < own:
        raise Invalid(
            f"{plan.name} gives machines of {written(Kind.MEMORY, own)}: with a limit of "
            f"{written(Kind.MEMORY, largest)} none of them could start."
        )
    if not 0 <= terms.overrun_percent <= _MOST_OVERRUN:
        raise Invalid(f"A machine may overrun its limit by 0 to {_MOST_OVERRUN} percent.")
    if not 1 <= terms.idle_minutes <= _LONGEST_IDLE:
        raise Invalid(f"The idle time is 1 to {_LONGEST_IDLE:,} minutes.")


def change(
    session: Session, plan: Plan, terms: Terms, *, by: str, reason: str, now: datetime
) -> bool:
    """Whether anything is different now; the brakes follow within a minute."""
    if not 3 <= len(reason) <= 500:
        raise Invalid("A reason of 3 to 500 characters goes into the audit trail.")
    check(plan, terms)
    changed = quota_limits.set_for_plan(session, plan, terms.amounts, by=by, reason=reason, now=now)
    before = [plan.brake_mode, plan.overrun_percent, plan.idle_minutes]
    after = [str(terms.mode), terms.overrun_percent, terms.idle_minutes]
    if before == after:
        return bool(changed)
    plan.brake_mode, plan.overrun_percent, plan.idle_minutes = (
        str(terms.mode),
        terms.overrun_percent,
        terms.idle_minutes,
    )
    audit.record(
        session,
        at=now,
        actor=by,
        action="quota_policy",
        subject=plan.key,
        reason=reason,
        details={"before": before, "after": after},
    )
    return True


def policy(terms: Terms, plan: Plan) -> Policy:
    idle = quota_accounts.policy_of(plan).idle
    return Policy(terms.mode, terms.overrun_percent, idle)
