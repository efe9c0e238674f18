"""The list of workspaces: searched, filtered, ordered, a keyset page at a time; and one of them.

Lists are plain rows, not entities: no COUNT, no OFFSET, one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, func, select, text, tuple_
from sqlalchemy.orm import Session, joinedload

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.query import Query, Sort
from jarvis_admin.errors import Invalid, NotFound
from jarvis_admin.models import Brake, Operation, Plan, User, Workspace
from jarvis_admin.models.base import UtcDateTime
from jarvis_admin.services.workspace_terms import (
    FIELDS,
    asks_for_ages,
    condition,
    search,
    shows_destroyed,
)

PAGE = 50
FIRST_ORDER = Sort("user")

_LARGEST = 2**63 - 1
_NEVER = datetime.max.replace(tzinfo=UTC)

_w, _u, _p, _o, _b = (m.__table__.c for m in (Workspace, User, Plan, Operation, Brake))
_COLUMNS = {
    "user": _w.handle,
    "state": _w.state,
    "region": _w.region,
    "size": _w.size,
    "image": _w.image,
    "active": _w.last_active_at,
    "cost": _w.month_nano,  # as last metered; the pages add the seconds since
}

_HOLDS_IT = (
    "operations.state IN ('queued', 'running') "
    "AND operations.kind NOT IN ('drill', 'scratch', 'end_scratch')"
)
_rows = select(
    _w.id,
    _w.handle,
    _w.state,
    _w.state_since,
    _w.problem,
    _w.region,
    _w.size,
    _w.image,
    _w.last_active_at,
    _w.month_nano,
    _w.rate_pico,
    _w.metered_at,
    _u.name.label("user_name"),
    _p.name.label("plan_name"),
    _o.kind.label("operation_kind"),
    _o.state.label("operation_state"),
    func.coalesce(_b.reason, "").label("braked"),
).select_from(
    Workspace.__table__.outerjoin(User.__table__, _u.id == _w.user_id)
    .join(Plan.__table__, _p.id == _w.plan_id)
    # Spelled like the partial index, so that SQLite finds it.
    .outerjoin(
        Operation.__table__,
        (_o.workspace_id == _w.id) & text(_HOLDS_IT),
    )
    .outerjoin(Brake.__table__, _b.workspace_id == _w.id)
)


class Cursor(NamedTuple):
    """The row a page begins after, or ends before: its value in the order, and its id."""

    value: str
    id: int
    backwards: bool = False


@dataclass(frozen=True)
class Page:
    rows: Sequence[Any]
    previous: Cursor | None
    next: Cursor | None


def search_page(session: Session, query: Query, cursor: Cursor | None, now: datetime) -> Page:
    statement = _build(query, cursor, now) if asks_for_ages(query) else _keep(query, cursor)
    rows = session.execute(statement).all()
    backwards = cursor is not None and cursor.backwards
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows = rows[::-1]
    return Page(
        rows,
        previous=cursor_after(rows[0], query, backwards=True)
        if rows and _before(cursor, more)
        else None,
        next=cursor_after(rows[-1], query) if rows and (more or backwards) else None,
    )


def rows_of(session: Session, workspace_id: int) -> Sequence[Any]:
    """One row as the list shows it, after something was done to it."""
    return session.execute(_rows.where(_w.id == workspace_id)).all()


def get(session: Session, handle: str) -> Workspace:
    """The live workspace of this handle, else the one destroyed last."""
    if not handle.isprintable():
        raise _unknown(handle)  # PostgreSQL does not even compare some of it
    mine = select(Workspace).where(Workspace.handle == handle)
    mine = mine.options(joinedload(Workspace.user), joinedload(Workspace.plan))
    found = session.scalars(mine.where(Workspace.destroyed_at.is_(None)).limit(1)).first()
    if found is None:
        gone = mine.where(Workspace.state == MachineState.DESTROYED)
        found = session.scalars(gone.order_by(Workspace.id.desc()).limit(1)).first()
    if found is None:
        raise _unknown(handle)
    return found


def _unknown(handle: str) -> NotFound:
    return NotFound(f"There is no machine of {handle[:63]}.")


def _build(query: Query, cursor: Cursor | None, now: datetime) -> Select[Any]:
    sort = query.sort or FIRST_ORDER
    column = _COLUMNS[sort.field]
    descending = sort.descending is not (cursor is not None and cursor.backwards)
    order = (column.desc(), _w.id.desc()) if descending else (column.asc(), _w.id.asc())
    picked = _picked(query, now)
    if cursor is not None:
        picked = picked.where(_beyond(column, cursor, descending))
    # Ids first: what must be sorted is then as narrow as can be, and only a page is joined.
    ids = picked.order_by(*order).limit(PAGE + 1).subquery()
    return _rows.join(ids, ids.c.id == _w.id).order_by(*order)


@lru_cache(maxsize=512)
def _keep(query: Query, cursor: Cursor | None) -> Select[Any]:
    """The same few addresses are polled all day; building a statement takes longer than running it.

    Not for a query that asks for ages: its statement holds the time it was built at.
    """
    return _build(query, cursor, _NEVER)


def _picked(query: Query, now: datetime) -> Select[Any]:
    found = select(_w.id)
    if not shows_destroyed(query):
        found = found.where(_w.destroyed_at.is_(None))
    for term in query.terms:
        found = found.where(condition(term, now))
    for word in query.words:
        found = found.where(search(word))
    return found


def _beyond(column: ColumnElement[Any], cursor: Cursor, descending: bool) -> ColumnElement[bool]:
    here, there = tuple_(column, _w.id), tuple_(_value(column, cursor.value), cursor.id)
    return here < there if descending else here > there


def _value(column: ColumnElement[Any], written: str) -> Any:
    try:
        return _read(column, written)
    except ValueError as error:
        raise Invalid("The address of this page is damaged; start from the first page.") from error


def _read(column: ColumnElement[Any], written: str) -> Any:
    """As the column compares it; ValueError for what no row could hold."""
    if isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(written).astimezone(UTC)
    if isinstance(column.type, BigInteger):
        number = int(written)
        if abs(number) > _LARGEST:
            raise ValueError(f"{number} is too large")
        return number
    if not written.isprintable():
        raise ValueError("not the text of any row")
    return written


def cursor_after(row: Any, query: Query, *, backwards: bool = False) -> Cursor:
    """Where a page begins after this row of the query's list, or backwards ends before it."""
    value = row._mapping[_COLUMNS[(query.sort or FIRST_ORDER).field]]
    written = value.isoformat() if isinstance(value, datetime) else str(value)
    return Cursor(written, row.id, backwards)


def _before(cursor: Cursor | None, more: bool) -> bool:
    """Whether there are rows before this page."""
    return cursor is not None and (more or not cursor.backwards)


__all__ = ["FIELDS", "FIRST_ORDER", "PAGE", "Cursor", "Page", "get", "rows_of", "search_page"]
