"""What each field of the workspace query asks of the table."""

import operator
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.sql.elements import KeyedColumnElement

from jarvis_admin.domain.lifecycle import LASTING, MachineState
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.query import Field, Kind, Op, Query, Term, Word
from jarvis_admin.models import Plan, SearchTerm, Workspace

STUCK, MOVING = "stuck", "moving"

FIELDS = {
    "user": Field(Kind.TEXT, aliases=("handle",)),
    "state": Field(Kind.CHOICE, choices=(STUCK, MOVING, *MachineState)),
    "region": Field(Kind.CHOICE),
    "plan": Field(Kind.CHOICE, sortable=False),
    "size": Field(Kind.TEXT),
    "image": Field(Kind.TEXT),
    "app": Field(Kind.TEXT, sortable=False),
    "cost": Field(Kind.MONEY),
    "idle": Field(Kind.DURATION, sortable=False),
    "active": Field(Kind.AGE),
    "since": Field(Kind.AGE, label="state changed", sortable=False),
}

# A search for three letters of a common name need not fetch the whole fleet: it looks at its
# first matches in the order of the words, exact ones first.
_MOST_FOUND = 500
_LAST = "\uffff"

_w, _s = Workspace.__table__.c, SearchTerm.__table__.c

_COMPARE: dict[Op, Callable[[Any, Any], Any]] = {
    Op.OVER: operator.gt,
    Op.AT_LEAST: operator.ge,
    Op.UNDER: operator.lt,
    Op.AT_MOST: operator.le,
    Op.IS: operator.eq,
}
# What lasted longer began earlier.
_SINCE = {
    Op.OVER: operator.lt,
    Op.AT_LEAST: operator.le,
    Op.UNDER: operator.gt,
    Op.AT_MOST: operator.ge,
}


def shows_destroyed(query: Query) -> bool:
    return any(
        term.field == "state" and not term.negated and MachineState.DESTROYED in term.values
        for term in query.terms
    )


def asks_for_ages(query: Query) -> bool:
    return any(FIELDS[term.field].kind.timed for term in query.terms)


def condition(term: Term, now: datetime) -> ColumnElement[bool]:
    found = _CONDITIONS[term.field](term, now)
    return not_(found) if term.negated else found


def search(word: Word) -> ColumnElement[bool]:
    """Every part of the phrase begins a word the workspace is known by."""
    found = and_(*(_begins(part) for part in word.text.lower().split()))
    return not_(found) if word.negated else found


def _begins(part: str) -> ColumnElement[bool]:
    if len(part) < 3:
        return _prefix(_w.handle, part)
    known = select(_s.workspace_id).where(_prefix(_s.term, part)).limit(_MOST_FOUND)
    return _w.id.in_(known)


def _prefix(column: KeyedColumnElement[Any], start: str) -> ColumnElement[bool]:
    """Spelled as a range: an index serves it on both databases, whatever the collation of LIKE."""
    return and_(column >= start, column < start + _LAST)


def _prefixes(column: KeyedColumnElement[Any]) -> Callable[[Term, datetime], ColumnElement[bool]]:
    return lambda term, _now: or_(*(_prefix(column, str(v).lower()) for v in term.values))


def _contains(column: KeyedColumnElement[Any]) -> Callable[[Term, datetime], ColumnElement[bool]]:
    return lambda term, _now: or_(*(column.contains(v, autoescape=True) for v in term.values))


def _any_of(column: KeyedColumnElement[Any]) -> Callable[[Term, datetime], ColumnElement[bool]]:
    return lambda term, _now: or_(*(column == str(v).lower() for v in term.values))


def _state(term: Term, _now: datetime) -> ColumnElement[bool]:
    return or_(*(_one_state(str(value)) for value in term.values))


def _one_state(value: str) -> ColumnElement[bool]:
    if value == STUCK:
        return _w.problem != ""
    if value == MOVING:
        return _w.state.not_in(sorted(LASTING))
    return _w.state == value


def _plan(term: Term, _now: datetime) -> ColumnElement[bool]:
    keys = [str(value).lower() for value in term.values]
    return _w.plan_id.in_(select(Plan.__table__.c.id).where(Plan.__table__.c.key.in_(keys)))


def _cost(term: Term, _now: datetime) -> ColumnElement[bool]:
    amounts = [int(value * NANO) for value in term.values if isinstance(value, Decimal)]
    if term.op is Op.BETWEEN:
        return and_(_w.month_nano >= amounts[0], _w.month_nano <= amounts[1])
    return or_(*(_COMPARE[term.op](_w.month_nano, amount) for amount in amounts))


def _age(column: KeyedColumnElement[Any]) -> Callable[[Term, datetime], ColumnElement[bool]]:
    def asked(term: Term, now: datetime) -> ColumnElement[bool]:
        instants = [now - span for span in term.values if isinstance(span, timedelta)]
        if term.op is Op.BETWEEN:
            return and_(column <= instants[0], column >= instants[1])
        return or_(*(_SINCE[term.op](column, instant) for instant in instants))

    return asked


_CONDITIONS: dict[str, Callable[[Term, datetime], ColumnElement[bool]]] = {
    "user": _prefixes(_w.handle),
    "state": _state,
    "region": _any_of(_w.region),
    "plan": _plan,
    "size": _contains(_w.size),
    "image": _contains(_w.image),
    "app": _prefixes(_w.app_name),
    "cost": _cost,
    "idle": _age(_w.last_active_at),
    "active": _age(_w.last_active_at),
    "since": _age(_w.state_since),
}
