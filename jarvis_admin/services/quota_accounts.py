"""How workspaces stand against their limits: use, limits and policy of many at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.quotas.brakes import BRAKED, Mode, Policy, Standing, worst
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.domain.quotas.limits import Limit, derive_all
from jarvis_admin.models import Brake, Interval, Plan, Workspace
from jarvis_admin.services import quota_limits, quota_usage
from jarvis_admin.services.quota_limits import Terms
from jarvis_admin.services.quota_usage import Measured

BATCH = 500


@dataclass(frozen=True)
class Account:
    """One workspace with a user, as its quotas see it."""

    workspace_id: int
    user_id: int
    handle: str
    state: str
    state_since: datetime
    size: str
    machine_id: str | None
    plan_name: str
    policy: Policy
    limits: Mapping[Kind, Limit]
    usage: Mapping[Kind, int]

    @cached_property
    def standing(self) -> Standing | None:
        return worst(self.limits, self.usage, self.policy)


def look(
    session: Session, ids: Collection[int], now: datetime, *, whole: bool = False
) -> dict[int, Account]:
    """At most eight statements for any number. What is destroyed or has no user is left out.

    Only what can brake somebody among them is measured, unless `whole` asks for everything.
    """
    rows = _rows(session, ids)
    terms = quota_limits.terms_of(
        session, {row.plan_id for row in rows}, {row.user_id for row in rows}, now
    )
    limits = {row.id: _limits(row, terms, now) for row in rows}
    kinds = set(Kind) if whole else _limited(limits.values())
    used = quota_usage.measure(session, [_measured(row) for row in rows], kinds, now)
    return {row.id: _account(row, limits[row.id], used[row.id]) for row in rows}


def look_at(session: Session, workspace_id: int, now: datetime) -> Account | None:
    """One, with everything measured; None for what has no user or is destroyed."""
    return look(session, [workspace_id], now, whole=True).get(workspace_id)


def running(session: Session) -> set[int]:
    """Whose use grows by the second: an open interval of compute; one small index."""
    found = session.scalars(
        select(Interval.workspace_id).where(
            Interval.ended_at.is_(None), Interval.component == Component.COMPUTE
        )
    )
    return {number for number in found if number is not None}


def braked(session: Session) -> set[int]:
    return set(session.scalars(select(Brake.workspace_id)))


def everybody(session: Session) -> set[int]:
    live = select(Workspace.id).where(
        Workspace.destroyed_at.is_(None), Workspace.user_id.is_not(None)
    )
    return set(session.scalars(live))


def in_batches(ids: Iterable[int]) -> Iterable[Sequence[int]]:
    ordered = sorted(ids)
    return (ordered[n : n + BATCH] for n in range(0, len(ordered), BATCH))


def policy_of(plan: Any) -> Policy:
    """Of a plan's row, or a row with its columns."""
    idle = timedelta(minutes=plan.idle_minutes)
    return Policy(Mode(plan.brake_mode), plan.overrun_percent, idle)


def _limited(limits: Iterable[Mapping[Kind, Limit]]) -> set[Kind]:
    return {kind for one in limits for kind in BRAKED if one[kind].amount is not None}


def _rows(session: Session, ids: Collection[int]) -> Sequence[Any]:
    return session.execute(
        select(
            Workspace.id,
            Workspace.user_id,
            Workspace.handle,
            Workspace.state,
            Workspace.state_since,
            Workspace.size,
            Workspace.machine_id,
            Workspace.month_nano,
            Workspace.rate_pico,
            Workspace.metered_at,
            Workspace.plan_id,
            Plan.name.label("plan_name"),
            Plan.idle_minutes,
            Plan.brake_mode,
            Plan.overrun_percent,
        )
        .join(Plan, Plan.id == Workspace.plan_id)
        .where(
            Workspace.id.in_(ids),
            Workspace.user_id.is_not(None),
            Workspace.destroyed_at.is_(None),
        )
    ).all()


def _limits(row: Any, terms: Terms, now: datetime) -> dict[Kind, Limit]:
    return derive_all(
        plan_name=row.plan_name,
        plan=terms.plans.get(row.plan_id, {}),
        overrides=terms.users.get(row.user_id, {}),
        extras=terms.extras.get(row.user_id, ()),
        exempt=terms.exempt.get(row.user_id),
        now=now,
    )


def _measured(row: Any) -> Measured:
    return Measured(row.id, row.machine_id, row.size, row.month_nano, row.rate_pico, row.metered_at)


def _account(row: Any, limits: Mapping[Kind, Limit], usage: Mapping[Kind, int]) -> Account:
    return Account(
        workspace_id=row.id,
        user_id=row.user_id,
        handle=row.handle,
        state=row.state,
        state_since=row.state_since,
        size=row.size,
        machine_id=row.machine_id,
        plan_name=row.plan_name,
        policy=policy_of(row),
        limits=limits,
        usage=usage,
    )
