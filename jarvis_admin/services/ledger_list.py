"""The entries of the ledger, newest day first, a keyset page at a time; one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, select, tuple_
from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import ADJUSTMENTS, Kind
from jarvis_admin.domain.months import Month
from jarvis_admin.models import LedgerEntry, Workspace

PAGE = 50
BOOKED = frozenset({*ADJUSTMENTS, Kind.RESERVATION_FEE, Kind.RESERVATION_CREDIT})

_e, _w = LedgerEntry.__table__.c, Workspace.__table__.c


class Cursor(NamedTuple):
    day: date
    kind: str
    id: int


@dataclass(frozen=True)
class Asked:
    """`kinds` empty: all of them. `handle` empty: everybody's and nobody's."""

    month: Month
    kinds: frozenset[Kind]
    handle: str


@dataclass(frozen=True)
class Page:
    rows: Sequence[Row[Any]]
    next: Cursor | None


def page(session: Session, asked: Asked, cursor: Cursor | None, now: datetime) -> Page:
    # Each day by itself, so that a rare kind is a seek a day and not a walk over a month.
    found = _columns().where(_e.day.in_(asked.month.days(now)))
    if asked.kinds:
        found = found.where(_e.kind.in_(sorted(asked.kinds)))
    if asked.handle:
        theirs = select(_w.id).where(_w.handle == asked.handle)
        found = found.where(_e.workspace_id.in_(theirs))
    if cursor is not None:
        found = found.where(tuple_(_e.day, _e.kind, _e.id) < tuple_(*cursor))
    found = found.order_by(_e.day.desc(), _e.kind.desc(), _e.id.desc()).limit(PAGE + 1)
    rows = session.execute(found).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(rows[:PAGE], Cursor(last.day, last.kind, last.id) if last else None)


def handle_of(session: Session, entry: LedgerEntry) -> str:
    """Empty: of the fleet."""
    return session.scalar(select(_w.handle).where(_w.id == entry.workspace_id)) or ""


def _columns() -> Select[Any]:
    return select(
        _e.id,
        _e.day,
        _e.kind,
        _e.owner,
        _e.component,
        _e.resource_id,
        _e.region,
        _e.quantity,
        _e.unit,
        _e.amount_nano,
        _e.price_version,
        _e.reason,
        _e.booked_by,
        _e.booked_at,
        _w.handle,
    ).join_from(LedgerEntry.__table__, Workspace.__table__, _w.id == _e.workspace_id, isouter=True)
