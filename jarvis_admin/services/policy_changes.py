"""From a scenario to a change of plans: what it would mean, and doing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.tally import Tally, per_month
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import Plan, Scenario, Workspace
from jarvis_admin.services import audit

# Column, words, and when a new value counts.
_COLUMNS = (
    (
        "idle_minutes",
        "idle_minutes",
        "Idle time-out, min",
        "from the next time a machine falls idle; those awake now too",
    ),
    ("size", "size", "Size", "new machines only; existing ones keep theirs until they are resized"),
    (
        "volume_gb",
        "volume_gb",
        "Volume, GB",
        "new volumes only; existing ones keep their size, and none can shrink",
    ),
    (
        "snapshot_days",
        "snapshot_retention_days",
        "Snapshots kept, days",
        "new volumes only; existing volumes and snapshots keep their date",
    ),
)


@dataclass(frozen=True)
class Change:
    column: str
    label: str
    before: int | str
    after: int | str
    when: str


@dataclass(frozen=True)
class PlanChange:
    key: str
    name: str
    users: int  # who have the plan now
    tried: int  # of them in the scenario
    month_nano: int  # what it makes of thirty days, by the scenario
    more_wakes: int
    changes: Sequence[Change]


@dataclass(frozen=True)
class PolicyChange:
    plans: Sequence[PlanChange]
    left_out: Sequence[str]  # what no plan can say, a sentence each
    mark: str  # of what was shown: another one means that the world moved


def prepare(session: Session, scenario: Scenario) -> PolicyChange:
    """Two statements; Conflict while the scenario is not done."""
    if scenario.state != "done":
        raise Conflict("The scenario is not finished; its plan needs the result.")
    tally, policy = Tally.from_json(scenario.tally), Policy.from_json(scenario.policy)
    counted = session.execute(
        select(Workspace.plan_id, func.count())
        .where(Workspace.destroyed_at.is_(None), Workspace.user_id.is_not(None))
        .group_by(Workspace.plan_id)
    )
    users = {plan_id: count for plan_id, count in counted}  # noqa: C416 (rows, not pairs)
    plans = session.scalars(select(Plan).where(Plan.key.in_(tally.plans)).order_by(Plan.name))
    changes = [_of_plan(plan, scenario, tally, policy, users) for plan in plans]
    changes = [change for change in changes if change.changes]
    return PolicyChange(changes, _left_out(policy), _mark(changes))


def apply(
    session: Session, scenario: Scenario, mark: str, reason: str, *, by: str, now: datetime
) -> PolicyChange:
    """Change the plans as shown; Conflict when they are not any more what was shown."""
    found = prepare(session, scenario)
    if not 3 <= len(reason) <= 500:
        raise Invalid("A reason of 3 to 500 characters goes into the audit trail.")
    if found.mark != mark:
        raise Conflict("The plans changed meanwhile; look at the new plan before you apply it.")
    if not found.plans:
        raise Conflict("There is nothing to change: the plans are so already.")
    for change in found.plans:
        plan = session.scalars(select(Plan).where(Plan.key == change.key).with_for_update()).one()
        for one in change.changes:
            setattr(plan, one.column, one.after)
        audit.record(
            session,
            at=now,
            actor=by,
            action="plan.change",
            subject=change.key,
            reason=reason,
            details={
                "scenario": scenario.name,
                "before": {one.column: one.before for one in change.changes},
                "after": {one.column: one.after for one in change.changes},
            },
        )
    return found


def _of_plan(
    plan: Plan, scenario: Scenario, tally: Tally, policy: Policy, users: Mapping[int, int]
) -> PlanChange:
    wanted = policy.to_json()
    sums = tally.plans[plan.key]
    changes = [
        Change(column, label, getattr(plan, column), wanted[name], _when(plan, column, when))
        for name, column, label, when in _COLUMNS
        if name in wanted and wanted[name] != getattr(plan, column)
    ]
    return PlanChange(
        plan.key,
        plan.name,
        users.get(plan.id, 0),
        sums.users,
        per_month(sums.then - sums.now, scenario.days),
        sums.more_wakes,
        changes,
    )


def _when(plan: Plan, column: str, when: str) -> str:
    if column == "idle_minutes" and plan.idle_policy == "proxy":
        return "not while Fly’s proxy puts the machines of this plan to sleep: it has its own time"
    return when


def _left_out(policy: Policy) -> list[str]:
    found = []
    if policy.region:
        found.append("The region is each user’s own; moving somebody is done on their machine.")
    if policy.sleeps:
        found.append(
            "How a machine sleeps follows from its size: up to 2 GB of memory it is suspended, "
            "above it is stopped."
        )
    if policy.pool_size is not None:
        found.append("The size of the pool is no part of a plan.")
    return found


def _mark(changes: Sequence[PlanChange]) -> str:
    said = [(c.key, c.users, [(x.column, x.before, x.after) for x in c.changes]) for c in changes]
    return sha256(repr(said).encode()).hexdigest()[:16]
