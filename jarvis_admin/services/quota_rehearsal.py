"""Limits tried on months that are over: whom they would have put to sleep, and when.

By the plan, the own limits and the grants as they are known now; wakes per day are not tried.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.months import Month
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.quotas.brakes import BY_MONTH, Mode, Policy
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.domain.quotas.limits import Rule, derive_all
from jarvis_admin.domain.quotas.rehearsal import Crossing, Day, first_crossing
from jarvis_admin.models import Plan, UsageDay, Workspace, WorkspaceMonth
from jarvis_admin.services import quota_accounts, quota_limits
from jarvis_admin.services.quota_limits import Terms

_SECOND = 10**6


@dataclass(frozen=True)
class Draft:
    """What a plan's quotas would be."""

    amounts: Mapping[Kind, int | None]
    policy: Policy


@dataclass(frozen=True)
class Braked:
    workspace_id: int
    handle: str
    plan: str
    crossing: Crossing


@dataclass(frozen=True)
class Rehearsal:
    """`people` in the order they would have been put to sleep."""

    month: Month
    people: Sequence[Braked]
    looked_at: int


def rehearse(
    session: Session,
    month: Month,
    now: datetime,
    drafts: Mapping[int, Draft] | None = None,
    plan_id: int | None = None,
) -> Rehearsal:
    """With the limits of today, those of `drafts` (by plan) in their place; in batches of 500."""
    rows = _rows(session, month, plan_id)
    people: list[Braked] = []
    for start in range(0, len(rows), quota_accounts.BATCH):
        batch = rows[start : start + quota_accounts.BATCH]
        people += _batch(session, batch, month, now, drafts or {})
    people.sort(key=lambda one: (one.crossing.at, one.handle))
    return Rehearsal(month, people, len(rows))


def _rows(session: Session, month: Month, plan_id: int | None) -> Sequence[Any]:
    """Whoever had a cost in the month and has a user."""
    found = (
        select(
            Workspace.id,
            Workspace.user_id,
            Workspace.handle,
            Workspace.plan_id,
            Plan.name.label("plan_name"),
            Plan.idle_minutes,
            Plan.brake_mode,
            Plan.overrun_percent,
        )
        .join(WorkspaceMonth, WorkspaceMonth.workspace_id == Workspace.id)
        .join(Plan, Plan.id == Workspace.plan_id)
        .where(WorkspaceMonth.month == month.first, Workspace.user_id.is_not(None))
        .order_by(Workspace.id)
    )
    return session.execute(found if plan_id is None else found.where(Plan.id == plan_id)).all()


def _batch(
    session: Session,
    rows: Sequence[Any],
    month: Month,
    now: datetime,
    drafts: Mapping[int, Draft],
) -> Iterable[Braked]:
    at = min(now, month.end - timedelta(seconds=1))
    terms = quota_limits.terms_of(
        session, {row.plan_id for row in rows}, {row.user_id for row in rows}, at
    )
    days = _days(session, [row.id for row in rows], month)
    for row in rows:
        lines = _lines(row, terms, at, drafts.get(row.plan_id))
        found = first_crossing(lines, days.get(row.id, ()))
        if found is not None:
            yield Braked(row.id, row.handle, row.plan_name, found)


def _lines(row: Any, terms: Terms, at: datetime, draft: Draft | None) -> dict[Kind, int]:
    """Where the machine would have had to sleep, by kind."""
    plan = dict(terms.plans.get(row.plan_id, {}))
    policy = draft.policy if draft else quota_accounts.policy_of(row)
    if draft is not None:
        plan |= {kind: Rule(amount) for kind, amount in draft.amounts.items()}
    if policy.mode is Mode.WARN:
        return {}
    limits = derive_all(
        plan_name=row.plan_name,
        plan=plan,
        overrides=terms.users.get(row.user_id, {}),
        extras=terms.extras.get(row.user_id, ()),
        exempt=terms.exempt.get(row.user_id),
        now=at,
    )
    share = 100 + (policy.overrun_percent if policy.mode is Mode.FULL else 0)
    found = {kind: limits[kind].amount for kind in BY_MONTH}
    return {kind: amount * share // 100 for kind, amount in found.items() if amount is not None}


def _days(session: Session, ids: Sequence[int], month: Month) -> dict[int, list[Day]]:
    running = func.sum(case((UsageDay.component == Component.COMPUTE, UsageDay.micros), else_=0))
    rows = session.execute(
        select(UsageDay.workspace_id, UsageDay.day, running, func.sum(UsageDay.amount_nano))
        .where(
            UsageDay.workspace_id.in_(ids),
            UsageDay.day >= month.first,
            UsageDay.day < month.following.first,
        )
        .group_by(UsageDay.workspace_id, UsageDay.day)
        .order_by(UsageDay.workspace_id, UsageDay.day)
    )
    found: dict[int, list[Day]] = {}
    for workspace_id, day, micros, nano in rows:
        found.setdefault(workspace_id, []).append(Day(day, int(micros) // _SECOND, int(nano)))
    return found
