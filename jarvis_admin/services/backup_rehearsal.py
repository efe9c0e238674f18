"""A policy tried before it is saved: what survives today and later, what would go, of whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain import backup_schedule
from jarvis_admin.domain.backup_forecast import HORIZONS, Point, Stored, forecast
from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.domain.backup_schedule import Schedule
from jarvis_admin.domain.retention import Backup, judge
from jarvis_admin.models import Archive, Plan, User, Workspace
from jarvis_admin.services import backup_policies
from jarvis_admin.services.backup_policies import Terms

# Whose year is looked ahead; the others are taken to be like them.
_SAMPLE = 5
# Whose lists are looked at one by one; of a larger plan so many, evenly, stand for all.
_MOST_COUNTED = 2000
_a = Archive.__table__.c


@dataclass(frozen=True)
class Person:
    workspace_id: int
    handle: str
    born: datetime
    before: Schedule
    after: Schedule

    @property
    def touched(self) -> bool:
        return self.before.policy != self.after.policy


@dataclass(frozen=True)
class Goes:
    """What one user would lose that today's policy keeps."""

    handle: str
    archives: int
    stored_bytes: int
    oldest: datetime


@dataclass(frozen=True)
class Outlook:
    days: int
    before: Point
    after: Point


@dataclass(frozen=True)
class Rehearsal:
    users: int
    touched: int
    counted: int  # whose lists were looked at; fewer than `users`: what goes is estimated
    sampled: int  # whose future was looked at; fewer than `users`: the outlook is estimated
    goes: Sequence[Goes]  # most first, of those that were counted
    outlook: Sequence[Outlook]

    @property
    def losers(self) -> int:
        return self._of_all(len(self.goes))

    @property
    def archives_going(self) -> int:
        return self._of_all(sum(one.archives for one in self.goes))

    @property
    def bytes_going(self) -> int:
        return self._of_all(sum(one.stored_bytes for one in self.goes))

    def _of_all(self, amount: int) -> int:
        return amount * self.users // max(self.counted, 1)

    @property
    def estimated(self) -> bool:
        return self.sampled < self.users


def of_plan(session: Session, plan: Plan, policy: BackupPolicy, now: datetime) -> Rehearsal:
    """`policy` in place of the plan's; users keep their exceptions. Four statements."""
    now_so = backup_policies.load(session)
    then = now_so.with_plan(plan.id, policy)
    people = [
        _person(row, now_so.of(plan.id, row.user_id), then.of(plan.id, row.user_id))
        for row in _people(session, Workspace.plan_id == plan.id)
    ]
    return _rehearse(session, people, now)


def of_user(session: Session, workspace: Workspace, terms: Terms, now: datetime) -> Rehearsal:
    after = backup_policies.try_for_user(session, workspace, terms)
    before = backup_policies.of_workspace(session, workspace)
    rows = _people(session, Workspace.id == workspace.id)
    people = [_person(row, before, after) for row in rows]
    return _rehearse(session, people, now)


def _people(session: Session, whose: Any) -> Sequence[Any]:
    return session.execute(
        select(Workspace.id, Workspace.handle, Workspace.user_id, Workspace.created_at, User.region)
        .join(User, User.id == Workspace.user_id)
        .where(whose, Workspace.destroyed_at.is_(None))
        .order_by(Workspace.id)
    ).all()


def _person(row: Any, before: BackupPolicy, after: BackupPolicy) -> Person:
    was, becomes = (
        backup_schedule.schedule(policy, row.region, row.id) for policy in (before, after)
    )
    return Person(row.id, row.handle, row.created_at, was, becomes)


def _rehearse(session: Session, people: Sequence[Person], now: datetime) -> Rehearsal:
    counted = people[:: -(-len(people) // _MOST_COUNTED) or 1]
    stored = _stored(session, [one.workspace_id for one in counted])
    goes = [
        lost
        for one in counted
        if one.touched and (lost := _loses(one, stored.get(one.workspace_id, ())))
    ]
    sample = counted[:: max(len(counted) // _SAMPLE, 1)][:_SAMPLE]
    return Rehearsal(
        users=len(people),
        touched=sum(one.touched for one in people),
        counted=len(counted),
        sampled=len(sample),
        goes=sorted(goes, key=lambda one: (-one.archives, one.handle)),
        outlook=_outlook(sample, stored, len(people), now),
    )


def _loses(person: Person, stored: Sequence[Stored]) -> Goes | None:
    backups = [one.backup for one in stored]
    lost = {one.id for one in backups} - _kept(backups, person.after)
    if lost:  # most lose nothing: then today's policy need not be asked
        lost &= _kept(backups, person.before)
    if not lost:
        return None
    return Goes(
        person.handle,
        len(lost),
        sum(one.stored_bytes for one in stored if one.backup.id in lost),
        min(one.at for one in backups if one.id in lost),
    )


def _kept(backups: Iterable[Backup], plan: Schedule) -> set[str]:
    return {one.backup.id for one in judge(backups, plan.policy, plan.zone) if one.kept}


def _outlook(
    sample: Sequence[Person],
    stored: Mapping[int, Sequence[Stored]],
    users: int,
    now: datetime,
) -> list[Outlook]:
    if not sample:
        return []
    before = [_points(one, one.before, stored, now) for one in sample]
    after = [_points(one, one.after, stored, now) for one in sample]
    return [
        Outlook(days, _sum(before, number, users), _sum(after, number, users))
        for number, days in enumerate(HORIZONS)
    ]


def _points(
    person: Person, plan: Schedule, stored: Mapping[int, Sequence[Stored]], now: datetime
) -> Sequence[Point]:
    return forecast(stored.get(person.workspace_id, ()), plan, person.born, now).points


def _sum(runs: Sequence[Sequence[Point]], number: int, users: int) -> Point:
    some = [run[number] for run in runs]
    return Point(
        some[0].days,
        sum(one.kept for one in some) * users // len(some),
        sum(one.stored_bytes for one in some) * users // len(some),
    )


def _stored(session: Session, ids: Sequence[int]) -> Mapping[int, list[Stored]]:
    found: dict[int, list[Stored]] = defaultdict(list)
    rows = session.execute(
        select(
            _a.workspace_id,
            _a.id,
            _a.started_at,
            _a.snapshot_at,
            _a.error,
            _a.proven_at,
            _a.protected_at,
            _a.needs,
            _a.stored_bytes,
            _a.generation,
        ).where(_a.workspace_id.in_(ids), _a.state == "stored", _a.gone_at.is_(None))
    )
    for row in rows:
        backup = Backup(
            row.id,
            row.snapshot_at or row.started_at,
            good=row.error == "",
            proven=row.proven_at is not None,
            protected=row.protected_at is not None,
            needs=frozenset(row.needs),
        )
        found[row.workspace_id].append(Stored(backup, row.stored_bytes, row.generation))
    return found
