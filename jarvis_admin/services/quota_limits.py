"""The limits that hold for users now: of their plan, of their own, granted, or none at all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.domain.quotas.limits import Exempt, Extra, Rule
from jarvis_admin.models import Exemption, Grant, Plan, QuotaLimit, User
from jarvis_admin.services import audit

Rules = Mapping[Kind, Rule]


@dataclass(frozen=True)
class Terms:
    """Everything that was set or given, by plan and by user."""

    plans: Mapping[int, Rules] = field(default_factory=dict)
    users: Mapping[int, Rules] = field(default_factory=dict)
    extras: Mapping[int, tuple[Extra, ...]] = field(default_factory=dict)
    exempt: Mapping[int, Exempt] = field(default_factory=dict)


def terms_of(
    session: Session, plan_ids: Iterable[int], user_ids: Iterable[int], now: datetime
) -> Terms:
    """Three statements."""
    plan_ids, user_ids = set(plan_ids), set(user_ids)
    plans: dict[int, dict[Kind, Rule]] = defaultdict(dict)
    users: dict[int, dict[Kind, Rule]] = defaultdict(dict)
    mine = or_(QuotaLimit.plan_id.in_(plan_ids), QuotaLimit.user_id.in_(user_ids))
    for row in session.scalars(select(QuotaLimit).where(mine)):
        rule = Rule(row.amount, row.set_by, row.reason)
        if row.plan_id is not None:
            plans[row.plan_id][Kind(row.kind)] = rule
        elif row.user_id is not None:
            users[row.user_id][Kind(row.kind)] = rule
    extras = _extras(session, user_ids, now)
    return Terms(plans, users, extras, _exempt(session, user_ids, now))


def _extras(session: Session, user_ids: set[int], now: datetime) -> dict[int, tuple[Extra, ...]]:
    found: dict[int, tuple[Extra, ...]] = defaultdict(tuple)
    rows = session.scalars(
        select(Grant).where(
            Grant.user_id.in_(user_ids),
            Grant.until > now,
            Grant.since <= now,
            Grant.revoked_at.is_(None),
        )
    )
    for row in rows:
        extra = Extra(Kind(row.kind), row.amount, row.since, row.until, row.reason, row.granted_by)
        found[row.user_id] += (extra,)
    return found


def _exempt(session: Session, user_ids: set[int], now: datetime) -> dict[int, Exempt]:
    rows = session.scalars(
        select(Exemption)
        .where(
            Exemption.user_id.in_(user_ids),
            Exemption.until > now,
            Exemption.since <= now,
            Exemption.revoked_at.is_(None),
        )
        .order_by(Exemption.until)
    )
    return {row.user_id: Exempt(row.since, row.until, row.reason, row.given_by) for row in rows}


def of_plan(session: Session, plan: Plan) -> dict[Kind, QuotaLimit]:
    rows = session.scalars(select(QuotaLimit).where(QuotaLimit.plan_id == plan.id))
    return {Kind(row.kind): row for row in rows}


def of_user(session: Session, user: User) -> dict[Kind, QuotaLimit]:
    rows = session.scalars(select(QuotaLimit).where(QuotaLimit.user_id == user.id))
    return {Kind(row.kind): row for row in rows}


def set_for_plan(
    session: Session,
    plan: Plan,
    amounts: Mapping[Kind, int | None],
    *,
    by: str,
    reason: str,
    now: datetime,
) -> list[Kind]:
    """Every kind that is named becomes so, None being no limit; what has changed."""
    known, changed, said = of_plan(session, plan), [], {}
    for kind, amount in amounts.items():
        row = known.get(kind)
        before = row.amount if row else None
        if before == amount:
            continue
        changed.append(kind)
        said[str(kind)] = [before, amount]
        if row is None:
            row = QuotaLimit(plan_id=plan.id, kind=kind)
            session.add(row)
        row.amount, row.reason, row.set_by, row.set_at = amount, reason, by, now
    if changed:
        _told(session, now, by, "quota_plan", plan.key, reason, said)
    return changed


def set_for_user(
    session: Session,
    user: User,
    kind: Kind,
    amount: int | None,
    *,
    by: str,
    reason: str,
    now: datetime,
) -> None:
    """In place of the plan's; None: no limit."""
    row = of_user(session, user).get(kind)
    before = row.amount if row else "plan"
    if row is None:
        row = QuotaLimit(user_id=user.id, kind=kind)
        session.add(row)
    row.amount, row.reason, row.set_by, row.set_at = amount, reason, by, now
    _told(session, now, by, "quota_limit", user.handle, reason, {str(kind): [before, amount]})


def clear_for_user(session: Session, user: User, kind: Kind, *, by: str, now: datetime) -> bool:
    """Back to the plan's; False: it was so already."""
    row = of_user(session, user).get(kind)
    if row is None:
        return False
    session.delete(row)
    said = {str(kind): [row.amount, "plan"]}
    _told(session, now, by, "quota_limit", user.handle, "back to the plan's", said)
    return True


def _told(
    session: Session,
    now: datetime,
    by: str,
    action: str,
    subject: str,
    reason: str,
    details: Mapping[str, object],
) -> None:
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        subject=subject,
        reason=reason,
        details=details,
    )
