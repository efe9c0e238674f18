"""What a report's query asks of the cube: `plan:pro -region:syd size:1x owner:pool cost>20`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.query import Field, Kind, Op, Query, QueryError, Term
from jarvis_admin.domain.query.fields import closest
from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.models import Plan, Workspace

NONE = "none"  # in a query and on the screen: of no plan, of no group
_MOST_USERS = 20

_w = Workspace.__table__.c


def plans(session: Session) -> dict[str, str]:
    """Key and name of every plan; one statement."""
    rows = session.execute(select(Plan.key, Plan.name).order_by(Plan.id))
    return {row.key: row.name for row in rows}


def fields(plans: Iterable[str]) -> dict[str, Field]:
    return {
        "component": Field(Kind.CHOICE, choices=tuple(Component), sortable=False),
        "plan": Field(Kind.CHOICE, choices=(*plans, NONE), sortable=False),
        "region": Field(Kind.CHOICE, choices=(*REGIONS, NONE), sortable=False),
        "size": Field(Kind.TEXT, sortable=False),
        "group": Field(Kind.TEXT, sortable=False),
        "owner": Field(Kind.CHOICE, choices=tuple(Owner), sortable=False),
        "user": Field(Kind.TEXT, aliases=("handle",), sortable=False),
        "cost": Field(Kind.MONEY, label="band", sortable=False),
    }


# The column behind a field, by the name it has in cells, intervals and entries alike.
_COLUMNS = {
    "component": "component",
    "plan": "plan",
    "region": "region",
    "size": "size",
    "group": "user_group",
    "owner": "owner",
}


@dataclass(frozen=True)
class Narrowing:
    """A query as the reports answer it; `workspaces` is None when nobody is named."""

    terms: tuple[Term, ...] = ()
    costs: tuple[Term, ...] = ()
    workspaces: tuple[int, ...] | None = None

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(term.field for term in self.terms)

    def conditions(self, columns: Any) -> list[ColumnElement[bool]]:
        """On a table, or anything else that has the columns of the cube."""
        return [_condition(term, columns[_COLUMNS[term.field]]) for term in self.terms]

    def keeps(self, nano: int) -> bool:
        """Whether a band of that amount in the period is asked for."""
        return all(_holds(term, Decimal(nano) / NANO) for term in self.costs)


def narrowing(session: Session, query: Query, text: str) -> Narrowing:
    """QueryError for what a report cannot answer; a statement more when users are named."""
    for word in query.words:
        raise _error(f"“{word.text}” stands alone; name what it is.", str(word), text, "user:")
    users = [term for term in query.terms if term.field == "user"]
    return Narrowing(
        tuple(term for term in query.terms if term.field in _COLUMNS),
        tuple(term for term in query.terms if term.field == "cost"),
        _workspaces(session, users, text) if users else None,
    )


def _workspaces(session: Session, terms: Sequence[Term], text: str) -> tuple[int, ...]:
    """Every workspace that had one of these handles, destroyed ones too."""
    for term in terms:
        if term.negated:
            raise _error("A user cannot be left out of a report.", str(term), text)
    asked = [{str(value).lower() for value in term.values} for term in terms]
    handles = set.intersection(*asked)
    if len(handles) > _MOST_USERS:
        raise _error(f"A report names at most {_MOST_USERS} users.", str(terms[0]), text)
    found = session.execute(select(_w.id, _w.handle).where(_of_handles(handles))).all()
    missing = sorted(handles - {row.handle for row in found})
    if missing:
        better = _near(session, missing[0])
        suggestion = str(terms[0]).replace(missing[0], better) if better else ""
        raise _error(f"There is no user “{missing[0][:40]}”.", str(terms[0]), text, suggestion)
    return tuple(sorted(row.id for row in found))


def _of_handles(handles: Iterable[str]) -> ColumnElement[bool]:
    # Each half has an index of its own.
    wanted = sorted(handles)
    return or_(
        and_(_w.handle.in_(wanted), _w.destroyed_at.is_(None)),
        and_(_w.state == MachineState.DESTROYED, _w.handle.in_(wanted)),
    )


def _near(session: Session, handle: str) -> str:
    """Somebody whose handle begins alike."""
    start = handle[:2]
    rows = session.scalars(
        select(Workspace.handle)
        .where(_w.handle >= start, _w.handle < f"{start}\uffff", _w.destroyed_at.is_(None))
        .order_by(_w.handle)
        .limit(500)
    )
    return closest(handle, rows)


def _condition(term: Term, column: Any) -> ColumnElement[bool]:
    values = [str(value) for value in term.values]
    if term.field in ("size", "group"):
        condition: ColumnElement[bool] = or_(*(_beginning(column, value) for value in values))
    else:
        condition = column.in_(["" if value == NONE else value for value in values])
    return not_(condition) if term.negated else condition


def _beginning(column: Any, value: str) -> ColumnElement[bool]:
    """A size by how a word of it begins: `1x`, `512MB`, but `1 GB` is not in `11 GB`."""
    if value == NONE:
        return and_(column == "")
    if column.name == "size":
        inside = (column.contains(f"{mark}{value}", autoescape=True) for mark in "-: ")
        return or_(column.startswith(value, autoescape=True), *inside)
    return and_(column == value)


def _holds(term: Term, dollars: Decimal) -> bool:
    low, high = term.values[0], term.values[-1]
    assert isinstance(low, Decimal)
    assert isinstance(high, Decimal)
    found = {
        Op.IS: round(dollars, 2) in term.values,
        Op.OVER: dollars > low,
        Op.AT_LEAST: dollars >= low,
        Op.UNDER: dollars < low,
        Op.AT_MOST: dollars <= low,
        Op.BETWEEN: low <= dollars <= high,
    }[term.op]
    return found is not term.negated


def _error(sentence: str, part: str, text: str, suggestion: str = "") -> QueryError:
    """`suggestion` replaces the part; a bare `user:` stands before it."""
    position = max(text.find(part), 0)
    better = f"user:{part.lstrip('-')}" if suggestion == "user:" else suggestion
    word = part if part in text else text.split(maxsplit=1)[0]
    return QueryError(sentence, word=word, position=position, suggestion=better)
