"""What workspaces have used of what is limited: a constant number of statements for any number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.metering import month_to_date
from jarvis_admin.domain.money import microseconds
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.quotas.kinds import Kind, period_start
from jarvis_admin.domain.size import Size
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Archive, Interval, Snapshot, Transition, UsageDay, Volume

_SECOND = 10**6

Used = Mapping[int, Mapping[Kind, int]]  # by workspace


@dataclass(frozen=True)
class Measured:
    """The columns of a workspace that its usage is read from."""

    id: int
    machine_id: str | None
    size: str
    month_nano: int
    rate_pico: int
    metered_at: datetime


def measure(
    session: Session, rows: Sequence[Measured], kinds: Collection[Kind], now: datetime
) -> Used:
    """At most five statements; a kind that is not asked for costs none."""
    found: dict[int, dict[Kind, int]] = {row.id: {} for row in rows}
    ids = list(found)
    if Kind.RUNNING in kinds:
        _put(found, Kind.RUNNING, _running(session, rows, now))
    if Kind.WAKES in kinds:
        _put(found, Kind.WAKES, _wakes(session, ids, now))
    if Kind.STORAGE in kinds:
        _put(found, Kind.STORAGE, _storage(session, ids))
    if Kind.BACKUPS in kinds:
        _put(found, Kind.BACKUPS, _backups(session, ids, now))
    for row in rows:
        found[row.id][Kind.DOLLARS] = month_to_date(
            row.month_nano, row.rate_pico, row.metered_at, now
        )
        found[row.id][Kind.MEMORY] = memory_of(row.size)
    return found


def memory_of(size: str) -> int:
    try:
        return Size.parse(size).memory_mb
    except Invalid:
        return 0  # Fly may invent sizes; its machines still run


def _running(session: Session, rows: Sequence[Measured], now: datetime) -> dict[int, int]:
    """Seconds of this month: the closed days, and what is open now."""
    month = Month.of(now)
    closed = session.execute(
        select(UsageDay.workspace_id, func.sum(UsageDay.micros))
        .where(
            UsageDay.workspace_id.in_([row.id for row in rows]),
            UsageDay.day >= month.first,
            UsageDay.day < month.following.first,
            UsageDay.component == Component.COMPUTE,
        )
        .group_by(UsageDay.workspace_id)
    )
    micros: dict[int, int] = defaultdict(int)
    for workspace_id, total in closed:
        micros[workspace_id] += int(total)
    # By resource, because that is where the open intervals have their index.
    opened = session.execute(
        select(Interval.workspace_id, Interval.started_at).where(
            Interval.resource_id.in_([row.machine_id for row in rows if row.machine_id]),
            Interval.ended_at.is_(None),
            Interval.component == Component.COMPUTE,
        )
    )
    for owner, started_at in opened:
        if owner is not None:
            micros[owner] += max(microseconds(now - max(started_at, month.start)), 0)
    return {workspace_id: total // _SECOND for workspace_id, total in micros.items()}


def _wakes(session: Session, ids: Sequence[int], now: datetime) -> dict[int, int]:
    return _pairs(
        session.execute(
            select(Transition.workspace_id, func.count())
            .where(
                Transition.workspace_id.in_(ids),
                Transition.at >= period_start(Kind.WAKES, now),
                Transition.state == MachineState.STARTED,
            )
            .group_by(Transition.workspace_id)
        )
    )


def _storage(session: Session, ids: Sequence[int]) -> dict[int, int]:
    return _pairs(
        session.execute(
            select(Volume.workspace_id, func.sum(Volume.size_gb))
            .where(Volume.workspace_id.in_(ids), Volume.deleted_at.is_(None))
            .group_by(Volume.workspace_id)
        )
    )


def _backups(session: Session, ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Snapshots that Fly still has; those that archives were made from are not the user's."""
    of_an_archive = select(Archive.id).where(
        Archive.workspace_id == Snapshot.workspace_id, Archive.snapshot_id == Snapshot.id
    )
    return _pairs(
        session.execute(
            select(Snapshot.workspace_id, func.count())
            .where(
                Snapshot.workspace_id.in_(ids),
                Snapshot.ended_at.is_(None),
                Snapshot.expires_at > now,
                ~of_an_archive.exists(),
            )
            .group_by(Snapshot.workspace_id)
        )
    )


def _pairs(rows: Iterable[Any]) -> dict[int, int]:
    return {key: int(value) for key, value in rows}


def _put(found: dict[int, dict[Kind, int]], kind: Kind, amounts: Mapping[int, int]) -> None:
    for workspace_id, used in found.items():
        used[kind] = amounts.get(workspace_id, 0)
