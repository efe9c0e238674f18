"""What a few workspaces did in a window, as scenarios replay it; three statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.replay import Span
from jarvis_admin.domain.what_if import Entry, History, Row
from jarvis_admin.models import Activity, Interval, LedgerEntry

_IMAGE = "2048 MB"

_i, _e, _a = (model.__table__.c for model in (Interval, LedgerEntry, Activity))


@dataclass(frozen=True)
class Window:
    """Whole days in UTC; `until` is not part of it."""

    since: date
    until: date

    @property
    def start(self) -> datetime:
        return datetime.combine(self.since, time(), UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.until, time(), UTC)


def read(
    session: Session, subjects: Sequence[Any], window: Window
) -> Iterator[tuple[Any, History]]:
    ids = [subject.id for subject in subjects]
    rows = _by_workspace(_intervals(session, ids, window))
    entries = _by_workspace(_entries(session, ids, window))
    active = _by_workspace(_activities(session, ids, window))
    for subject in subjects:
        yield (
            subject,
            History(
                [_row(row, window) for row in rows.get(subject.id, ())],
                [_entry(row) for row in entries.get(subject.id, ())],
                [Span(row.started_at, row.ended_at) for row in active.get(subject.id, ())],
                subject.idle_minutes,
                subject.snapshot_days,
            ),
        )


def _by_workspace(rows: Sequence[Any]) -> dict[int, list[Any]]:
    return {number: list(some) for number, some in groupby(rows, lambda row: row.workspace_id)}


def _intervals(session: Session, ids: Sequence[int], window: Window) -> Sequence[Any]:
    return session.execute(
        select(
            _i.workspace_id,
            _i.resource_id,
            _i.owner,
            _i.component,
            _i.state,
            _i.size,
            _i.region,
            _i.started_at,
            _i.ended_at,
            _i.rate_pico,
            _i.amount_nano,
        )
        .where(_i.workspace_id.in_(ids))
        .where(_i.started_at >= window.start, _i.started_at < window.end)
        .order_by(_i.workspace_id, _i.started_at)
    ).all()


def _row(row: Any, window: Window) -> Row:
    """One that is still open was so at the end of the window."""
    end, nano, size = row.ended_at, row.amount_nano, row.size
    if end is None:
        end, nano = window.end, amount_nano(row.rate_pico, window.end - row.started_at)
    if row.component == Component.ROOTFS and not size.endswith(" MB"):
        size = _IMAGE  # billed before intervals told the size of the image
    return Row(
        row.resource_id,
        row.owner,
        row.component,
        row.state,
        size,
        row.region,
        row.started_at,
        end,
        nano,
    )


def _entries(session: Session, ids: Sequence[int], window: Window) -> Sequence[Any]:
    return session.execute(
        select(_e.workspace_id, _e.component, _e.region, _e.day, _e.quantity, _e.amount_nano)
        .where(_e.workspace_id.in_(ids), _e.day >= window.since, _e.day < window.until)
        .order_by(_e.workspace_id, _e.day)
    ).all()


def _entry(row: Any) -> Entry:
    at = datetime.combine(row.day, time(), UTC)
    return Entry(row.component, row.region, at, row.quantity, row.amount_nano)


def _activities(session: Session, ids: Sequence[int], window: Window) -> Sequence[Any]:
    return session.execute(
        select(_a.workspace_id, _a.started_at, _a.ended_at)
        .where(_a.workspace_id.in_(ids))
        .where(_a.ended_at > window.start, _a.started_at < window.end)
        .order_by(_a.workspace_id, _a.started_at)
    ).all()
