"""What happened to one workspace: its states over time, and every event in one order."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from jarvis_admin.models import AuditEntry, Operation, Restore, Transition, Workspace

PAGE = 20


class Kind(StrEnum):
    """The tabs of the timeline, and what an event is."""

    ALL = "all"
    STATE = "state"
    OPERATIONS = "operations"
    STAFF = "staff"


@dataclass(frozen=True)
class StateSpan:
    """A half-open stretch in one state; the last one ends now."""

    state: str
    start: datetime
    end: datetime
    estimated: bool = False


@dataclass(frozen=True)
class Event:
    """`row` is a Transition, Operation or AuditEntry; `began` is when the state before began."""

    kind: Kind
    at: datetime
    row: Any
    before: str = ""
    began: datetime | None = None


@dataclass(frozen=True)
class Page:
    events: Sequence[Event]
    older: datetime | None  # ask for what was before this; None: that was all


def states(session: Session, workspace_id: int, since: datetime, now: datetime) -> list[StateSpan]:
    """The states from `since` until now, each joined with what it followed on."""
    changes = [*_state_at(session, workspace_id, since), *_since(session, workspace_id, since)]
    ends = [change.at for change in changes[1:]] + [now]
    return [
        StateSpan(change.state, max(change.at, since), end, change.estimated)
        for change, end in zip(changes, ends, strict=False)
        if end > since
    ]


def page(session: Session, workspace: Workspace, kind: Kind, before: datetime) -> Page:
    """Newest first. An operation stands for the audit entry that was written with it."""
    wanted = (kind,) if kind is not Kind.ALL else (Kind.STATE, Kind.OPERATIONS, Kind.STAFF)
    sources = [_SOURCES[each](session, workspace, before, kind) for each in wanted]
    merged = list(heapq.merge(*sources, key=lambda event: event.at, reverse=True))
    events = _cut(merged)
    return Page(events, events[-1].at if len(events) < len(merged) else None)


def _cut(merged: list[Event]) -> list[Event]:
    """One page, without splitting events of one instant: the next page begins strictly before."""
    if len(merged) <= PAGE:
        return merged
    instant = merged[PAGE].at
    kept = [event for event in merged[:PAGE] if event.at > instant]
    return kept or [event for event in merged if event.at >= instant]


def _transitions(
    session: Session, workspace: Workspace, before: datetime, _tab: Kind
) -> Iterator[Event]:
    rows = session.scalars(
        select(Transition)
        .where(Transition.workspace_id == workspace.id, Transition.at < before, _in_use())
        .order_by(Transition.at.desc(), Transition.id.desc())
        .limit(PAGE + 2)
    ).all()
    for row, earlier in zip_longest(rows, rows[1:]):
        if earlier is None:
            yield Event(Kind.STATE, row.at, row)
        else:
            yield Event(Kind.STATE, row.at, row, earlier.state, earlier.at)


def _operations(
    session: Session, workspace: Workspace, before: datetime, _tab: Kind
) -> Iterator[Event]:
    """What has ended stands where it ended: its outcome follows on what it did to the machine."""
    at = func.coalesce(Operation.finished_at, Operation.created_at)
    rows = session.scalars(
        select(Operation)
        .where(Operation.workspace_id == workspace.id, at < before)
        .order_by(at.desc(), Operation.id.desc())
        .limit(PAGE + 1)
    )
    return (Event(Kind.OPERATIONS, row.finished_at or row.created_at, row) for row in rows)


def _audit(session: Session, workspace: Workspace, before: datetime, tab: Kind) -> Iterator[Event]:
    found = select(AuditEntry).where(AuditEntry.subject == workspace.handle, AuditEntry.at < before)
    if tab is Kind.ALL:
        found = found.where(AuditEntry.operation_id.is_(None))
    rows = session.scalars(found.order_by(AuditEntry.id.desc()).limit(PAGE + 1))
    return (Event(Kind.STAFF, row.at, row) for row in rows)


def _state_at(session: Session, workspace_id: int, instant: datetime) -> Sequence[Any]:
    return session.execute(
        select(Transition.state, Transition.at, Transition.estimated)
        .where(Transition.workspace_id == workspace_id, Transition.at <= instant, _in_use())
        .order_by(Transition.at.desc(), Transition.id.desc())
        .limit(1)
    ).all()


def _since(session: Session, workspace_id: int, since: datetime) -> Sequence[Any]:
    return session.execute(
        select(Transition.state, Transition.at, Transition.estimated)
        .where(Transition.workspace_id == workspace_id, Transition.at > since, _in_use())
        .order_by(Transition.at, Transition.id)
    ).all()


def _in_use() -> ColumnElement[bool]:
    """What a machine does from its being put to rest on is no part of the workspace's story."""
    came_back = and_(Restore.parking_end == "returned", Transition.at >= Restore.parking_ended_at)
    return ~exists().where(
        Restore.workspace_id == Transition.workspace_id,
        Restore.parked_machine_id == Transition.machine_id,
        Restore.parked_at.is_not(None),
        Transition.at > func.coalesce(Restore.away_since, Restore.parked_at),
        ~came_back,
    )


_SOURCES = {Kind.STATE: _transitions, Kind.OPERATIONS: _operations, Kind.STAFF: _audit}
