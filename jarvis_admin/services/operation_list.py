"""The list of operations: filtered, newest first, a keyset page at a time.

What no index serves is looked for in a bounded stretch of the newest operations; a page that
comes up short then says where the next one goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import (
    ACTIVE_OPERATION,
    MachineState,
    OperationKind,
    OperationState,
)
from jarvis_admin.domain.query import Field, Kind, Op, Query, Term
from jarvis_admin.models import Operation, OperationStep, Workspace

PAGE = 50
SCAN = 10_000
_LAST = "\uffff"
_DAY = timedelta(days=1)
MOST_COUNTED = 100

FIELDS = {
    "user": Field(Kind.TEXT, aliases=("handle",), sortable=False),
    "state": Field(Kind.CHOICE, choices=tuple(OperationState), sortable=False),
    "kind": Field(Kind.CHOICE, choices=tuple(OperationKind), sortable=False),
    "by": Field(Kind.TEXT, aliases=("asker",), sortable=False),
    "since": Field(Kind.AGE, label="asked", sortable=False),
}

_o, _w, _s = Operation.__table__.c, Workspace.__table__.c, OperationStep.__table__.c
_newest_first = (_o.created_at.desc(), _o.id.desc())
_shown = (
    _o.id,
    _w.handle,
    _o.kind,
    _o.state,
    _o.asked_by,
    _o.reason,
    _o.error,
    _o.cancel_requested,
    _o.created_at,
    _o.started_at,
    _o.finished_at,
)


class Cursor(NamedTuple):
    """The operation a page begins after."""

    created_at: datetime
    id: str


@dataclass(frozen=True)
class Page:
    """`cut_short`: the bounded search ended before the page was full; `next` looks further."""

    rows: Sequence[Row[Any]]
    next: Cursor | None
    cut_short: bool = False


@dataclass(frozen=True)
class Counts:
    queued: int
    running: int
    failed: int  # in the last 24 hours, at most a hundred


def search_page(session: Session, query: Query, cursor: Cursor | None, now: datetime) -> Page:
    """One statement; two when a bounded search comes up short."""
    indexed, rest = _conditions(query, now)
    if cursor is not None:
        indexed.append(tuple_(_o.created_at, _o.id) < tuple_(*cursor))
    candidates = select(_o.id, _o.created_at).where(*indexed).order_by(*_newest_first)
    found = _joined().where(*(_among(candidates, rest) if rest else indexed))
    rows = session.execute(found.order_by(*_newest_first).limit(PAGE + 1)).all()
    if len(rows) > PAGE:
        return Page(rows[:PAGE], Cursor(rows[PAGE - 1].created_at, rows[PAGE - 1].id))
    last = session.execute(candidates.offset(SCAN - 1).limit(1)).first() if rest else None
    return Page(rows, Cursor(last.created_at, last.id) if last else None, cut_short=bool(last))


def latest(session: Session, count: int) -> Sequence[Row[Any]]:
    return session.execute(_joined().order_by(*_newest_first).limit(count)).all()


def failed_since(session: Session, since: datetime, count: int) -> Sequence[Row[Any]]:
    """The newest `count` of them; one that was done since is nobody's worry any more."""
    later = Operation.__table__.alias().c
    mended = exists().where(
        later.workspace_id == _o.workspace_id,
        later.kind == _o.kind,
        later.created_at > _o.created_at,
        later.state == OperationState.DONE,
    )
    failed = and_(_o.state == OperationState.FAILED, _o.created_at >= since, not_(mended))
    return session.execute(_joined().where(failed).order_by(*_newest_first).limit(count)).all()


def current_steps(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """What each of these operations is at now, by name."""
    rows = session.execute(
        select(_s.operation_id, _s.name)
        .where(_s.operation_id.in_(ids))
        .order_by(_s.operation_id, _s.position)
    )
    return {row.operation_id: row.name for row in rows}


def counts(session: Session, now: datetime) -> Counts:
    # Spelled like the partial index, so that SQLite finds it.
    active = session.execute(
        select(_o.state, func.count())
        .where(text("operations.state IN ('queued', 'running')"))
        .group_by(_o.state)
    )
    by_state = {row[0]: row[1] for row in active}
    failed = select(_o.id).where(_o.state == OperationState.FAILED, _o.created_at >= now - _DAY)
    some = failed.limit(MOST_COUNTED).subquery()
    return Counts(
        by_state.get(OperationState.QUEUED, 0),
        by_state.get(OperationState.RUNNING, 0),
        session.scalar(select(func.count()).select_from(some)) or 0,
    )


def _joined() -> Select[Any]:
    return select(*_shown).join_from(
        Operation.__table__, Workspace.__table__, _w.id == _o.workspace_id
    )


def _among(
    candidates: Select[Any], rest: list[ColumnElement[bool]]
) -> tuple[ColumnElement[bool], ...]:
    newest = candidates.limit(SCAN).subquery()
    return _o.id.in_(select(newest.c.id)), *rest


def _conditions(
    query: Query, now: datetime
) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """What an index narrows down, and what is left to look for among that."""
    indexed: list[ColumnElement[bool]] = []
    rest: list[ColumnElement[bool]] = []
    for term in query.terms:
        found = _condition(term, now)
        (indexed if _is_indexed(term) else rest).append(not_(found) if term.negated else found)
    for word in query.words:
        found = _of_user(word.text)
        (rest if word.negated else indexed).append(not_(found) if word.negated else found)
    return indexed, rest


def _is_indexed(term: Term) -> bool:
    if term.negated or term.field in ("kind", "by"):
        return False
    # An index holds each state in order of time; of many, only the few active ones are merged.
    few = len(term.values) == 1 or set(term.values) <= set(ACTIVE_OPERATION)
    return term.field != "state" or few


def _condition(term: Term, now: datetime) -> ColumnElement[bool]:
    if term.field == "since":
        return _asked(term, now)
    said = [str(value) for value in term.values]
    if term.field == "user":
        return or_(*(_of_user(value) for value in said))
    if term.field == "by":
        return or_(*(_by(value) for value in said))
    column = _o.state if term.field == "state" else _o.kind
    return column.in_(said) if len(said) > 1 else column == said[0]


def _of_user(start: str) -> ColumnElement[bool]:
    start = start.lower()
    begins = and_(_w.handle >= start, _w.handle < start + _LAST)
    live = select(_w.id).where(begins, _w.destroyed_at.is_(None))
    gone = select(_w.id).where(begins, _w.state == MachineState.DESTROYED)
    return _o.workspace_id.in_(live.union_all(gone))


def _by(start: str) -> ColumnElement[bool]:
    """Any of the asker's names begins so."""
    return or_(
        _o.asked_by.istartswith(start, autoescape=True),
        _o.asked_by.icontains(f" {start}", autoescape=True),
    )


def _asked(term: Term, now: datetime) -> ColumnElement[bool]:
    instants = [now - span for span in term.values if isinstance(span, timedelta)]
    if term.op is Op.BETWEEN:
        return and_(_o.created_at <= instants[0], _o.created_at >= instants[1])
    later = term.op in (Op.AT_MOST, Op.UNDER)
    return or_(*(_o.created_at >= at if later else _o.created_at <= at for at in instants))
