"""Which backup policy counts for whom: read for one or for all, set for a plan or a user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from jarvis_admin.domain import backup_policy, backup_terms
from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.errors import Invalid
from jarvis_admin.models import BackupPolicy as Row
from jarvis_admin.models import BackupStanding, Plan, User, Workspace
from jarvis_admin.services import audit

FIELDS = tuple(one.name for one in fields(BackupPolicy))
_SNAPSHOTS = "snapshot_days"
_MOST_NAMED = 200

Value = int | str | None
Terms = Mapping[str, Value]  # by field; None or left out inherits


def house(plan: Plan) -> BackupPolicy:
    """What counts where nobody said anything. How long Fly keeps snapshots is a plan's own."""
    return BackupPolicy(snapshot_days=plan.snapshot_retention_days)


def of_workspace(session: Session, workspace: Workspace) -> BackupPolicy:
    """The plan's policy with the user's exceptions; without either, the house's."""
    return backup_policy.resolve(_rows(session, workspace), house(workspace.plan))


@dataclass(frozen=True)
class Policies:
    """All there are, for looking at many workspaces."""

    plans: Mapping[int, Plan]
    rows: Sequence[Row]
    tried: Mapping[int, BackupPolicy] = field(default_factory=dict)  # by plan, in place of its own

    @cached_property
    def _of_users(self) -> dict[int, Row]:
        return {row.user_id: row for row in self.rows if row.user_id is not None}

    @cached_property
    def of_plans(self) -> dict[int, BackupPolicy]:
        said = {row.plan_id: row for row in self.rows if row.plan_id is not None}
        return {
            number: backup_policy.resolve([said[number]] if number in said else [], house(plan))
            for number, plan in self.plans.items()
        }

    def of(self, plan_id: int, user_id: int | None) -> BackupPolicy:
        policy = self.tried.get(plan_id) or self.of_plans[plan_id]
        own = self._of_users.get(user_id) if user_id is not None else None
        return policy if own is None else backup_policy.resolve([own], policy)

    def with_plan(self, plan_id: int, policy: BackupPolicy) -> "Policies":
        """As if the plan said so; for trying."""
        return Policies(self.plans, self.rows, {**self.tried, plan_id: policy})


def load(session: Session) -> Policies:
    """Two statements."""
    plans = {plan.id: plan for plan in session.scalars(select(Plan))}
    return Policies(plans, session.scalars(select(Row)).all())


def people_with_exceptions(session: Session) -> list[tuple[str, str]]:
    """Handle, and who said so last; of users that have a machine."""
    rows = session.execute(
        select(User.handle, Row.changed_by)
        .join(Row, Row.user_id == User.id)
        .join(Workspace, (Workspace.user_id == User.id) & Workspace.destroyed_at.is_(None))
        .order_by(User.handle)
        .limit(_MOST_NAMED)
    )
    return [(handle, by) for handle, by in rows]


@dataclass(frozen=True)
class Derived:
    name: str
    value: Value
    source: str  # house, plan, user


def derive(session: Session, workspace: Workspace) -> list[Derived]:
    """Each part of the policy that counts, and who said it."""
    rows = {"plan" if row.plan_id else "user": row for row in _rows(session, workspace)}
    policy = backup_policy.resolve(rows.values(), house(workspace.plan))
    found = []
    for name in FIELDS:
        said = [source for source, row in rows.items() if getattr(row, name) is not None]
        source = said[-1] if said else "plan" if name == _SNAPSHOTS else "house"
        found.append(Derived(name, getattr(policy, name), source))
    return found


def own_terms(session: Session, user: User) -> dict[str, Value] | None:
    """What is said for this user alone; None: nothing."""
    row = session.scalars(select(Row).where(Row.user_id == user.id)).one_or_none()
    return None if row is None else _terms(row)


def plan_terms(session: Session, plan: Plan) -> dict[str, Value]:
    row = session.scalars(select(Row).where(Row.plan_id == plan.id)).one_or_none()
    said = dict.fromkeys(FIELDS) if row is None else _terms(row)
    return {**said, _SNAPSHOTS: plan.snapshot_retention_days}


def try_for_plan(plan: Plan, terms: Terms) -> BackupPolicy:
    """What would count for users without exceptions; Invalid with what is wrong."""
    return _checked(terms, house(plan))


def of_plan(session: Session, plan: Plan) -> BackupPolicy:
    """For its users without exceptions."""
    return load(session).of_plans[plan.id]


def try_for_user(session: Session, workspace: Workspace, terms: Terms) -> BackupPolicy:
    """What would count for this user; Invalid with what is wrong."""
    return _checked(terms, of_plan(session, workspace.plan))


def set_for_plan(
    session: Session, plan: Plan, terms: Terms, *, by: str, reason: str, now: datetime
) -> bool:
    """For all its users, also those to come; False: it was so already."""
    _check_reason(reason)
    try_for_plan(plan, terms)
    before = plan_terms(session, plan)
    after = {name: terms.get(name) for name in FIELDS}
    after[_SNAPSHOTS] = terms.get(_SNAPSHOTS) or plan.snapshot_retention_days
    if before == after:
        return False
    row = session.scalars(select(Row).where(Row.plan_id == plan.id)).one_or_none()
    row = row or Row(plan_id=plan.id)
    _write(session, row, {**after, _SNAPSHOTS: None}, by, now)
    plan.snapshot_retention_days = int(after[_SNAPSHOTS] or 0)
    _told(session, plan.key, "backup_policy", by, reason, now, before, after)
    touched = select(Workspace.id).where(
        Workspace.plan_id == plan.id, Workspace.destroyed_at.is_(None)
    )
    _look_again(session, list(session.scalars(touched)), before, after)
    return True


def set_for_user(
    session: Session, workspace: Workspace, terms: Terms, *, by: str, reason: str, now: datetime
) -> None:
    """Exceptions from the plan; nothing at all is back to the plan's."""
    _check_reason(reason)
    user = workspace.user
    if user is None:
        raise Invalid("A machine without a user has no policy of its own.")
    try_for_user(session, workspace, terms)
    before = own_terms(session, user) or dict.fromkeys(FIELDS)
    after = {name: terms.get(name) for name in FIELDS}
    if before == after:
        return
    row = session.scalars(select(Row).where(Row.user_id == user.id)).one_or_none()
    if any(value is not None for value in after.values()):
        _write(session, row or Row(user_id=user.id), after, by, now)
    elif row is not None:
        session.delete(row)
    _told(session, user.handle, "backup_exception", by, reason, now, before, after)
    _look_again(session, [workspace.id], before, after)


def clear_for_user(
    session: Session, workspace: Workspace, *, by: str, reason: str, now: datetime
) -> None:
    """Back to the plan's."""
    set_for_user(session, workspace, {}, by=by, reason=reason, now=now)


class _Said:
    """Terms as `resolve` reads them."""

    def __init__(self, terms: Terms) -> None:
        self.__dict__.update({name: terms.get(name) for name in FIELDS})


def _checked(terms: Terms, base: BackupPolicy) -> BackupPolicy:
    policy = backup_policy.resolve([_Said(terms)], base)
    backup_terms.check(policy)
    return policy


def _check_reason(reason: str) -> None:
    if not 3 <= len(reason) <= 500:
        raise Invalid("A reason of 3 to 500 characters goes into the audit trail.")


def _rows(session: Session, workspace: Workspace) -> Sequence[Row]:
    return session.scalars(
        select(Row)
        .where(or_(Row.plan_id == workspace.plan_id, Row.user_id == workspace.user_id))
        .order_by(Row.user_id.is_not(None))
    ).all()


def _terms(row: Row) -> dict[str, Value]:
    return {name: getattr(row, name) for name in FIELDS}


def _write(session: Session, row: Row, terms: Terms, by: str, now: datetime) -> None:
    for name, value in terms.items():
        setattr(row, name, value)
    row.changed_at, row.changed_by = now, by
    session.add(row)
    session.flush()


def _told(
    session: Session,
    subject: str,
    action: str,
    by: str,
    reason: str,
    now: datetime,
    before: Terms,
    after: Terms,
) -> None:
    details = {"before": dict(before), "after": dict(after)}
    audit.record(
        session, at=now, actor=by, action=action, subject=subject, reason=reason, details=details
    )


def _look_again(session: Session, ids: Sequence[int], before: Terms, after: Terms) -> None:
    """Retention, and Fly's own snapshots if they are touched: at the next round, not tomorrow."""
    for begin in range(0, len(ids), 500):
        some = ids[begin : begin + 500]
        touched = BackupStanding.workspace_id.in_(some)
        session.execute(update(BackupStanding).where(touched).values(pruned_at=None))
        if before[_SNAPSHOTS] != after[_SNAPSHOTS]:
            session.execute(
                update(Workspace).where(Workspace.id.in_(some)).values(inventoried_at=None)
            )
