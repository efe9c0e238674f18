"""What each workspace costs in a month: dearest first, or found by the start of its handle.

The order is by roll-up rows, so a page is one indexed read however large the fleet is; the
amounts of the running month are live. On its first day, when nothing is rolled up yet, the
order is last month's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, tuple_
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.metering import month_to_date
from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Plan, Workspace, WorkspaceMonth

PAGE = 50
_LAST = "\uffff"

_w, _p = Workspace.__table__.c, Plan.__table__.c
_ranked = WorkspaceMonth.__table__.alias("ranked")
_this = WorkspaceMonth.__table__.alias("this_month")
_before = WorkspaceMonth.__table__.alias("month_before")


class Cursor(NamedTuple):
    """The row a page begins after: what it is ordered by, and its id."""

    value: str
    id: int


@dataclass(frozen=True)
class UserCost:
    workspace_id: int
    handle: str
    plan: str
    region: str
    state: str
    problem: str
    size: str
    amount_nano: int
    before_nano: int | None  # None: it was not there the month before
    rate_pico: int  # what a second adds now; 0 in a month that is over


@dataclass(frozen=True)
class Page:
    rows: Sequence[UserCost]
    next: Cursor | None


def dearest(session: Session, month: Month, cursor: Cursor | None, now: datetime) -> Page:
    """One statement."""
    order = tuple_(_ranked.c.amount_nano, _ranked.c.workspace_id)
    found = _DEAREST
    if cursor is not None:
        found = found.where(order < tuple_(_whole(cursor.value), cursor.id))
    rows = session.execute(found, _ranks(month, now)).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(
        [_cost(row, month, now) for row in rows[:PAGE]],
        Cursor(str(last.rank), last.id) if last else None,
    )


def beginning_with(
    session: Session, month: Month, start: str, cursor: Cursor | None, now: datetime
) -> Page:
    """By handle, destroyed workspaces too if the month has a cost of theirs; two statements."""
    found = _with_amounts(month).where(_w.handle >= start, _w.handle < start + _LAST)
    if cursor is not None:
        found = found.where(tuple_(_w.handle, _w.id) > tuple_(cursor.value, cursor.id))
    found = found.order_by(_w.handle, _w.id).limit(PAGE + 1)
    live: ColumnElement[bool] = _w.destroyed_at.is_(None)
    if month != Month.of(now):
        live = and_(live, _this.c.amount_nano.is_not(None))
    gone = and_(_w.state == MachineState.DESTROYED, _this.c.amount_nano.is_not(None))
    rows = [row for which in (live, gone) for row in session.execute(found.where(which))]
    rows.sort(key=lambda row: (row.handle, row.id))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(
        [_cost(row, month, now) for row in rows[:PAGE]],
        Cursor(last.handle, last.id) if last else None,
    )


def everyone(session: Session, month: Month, now: datetime) -> Iterator[UserCost]:
    """Every workspace with a cost in the month, by handle; for files, not for pages."""
    found = _with_amounts(month).where(_has_cost(month, now)).order_by(_w.handle, _w.id)
    for row in session.execute(found):
        yield _cost(row, month, now)


def _has_cost(month: Month, now: datetime) -> ColumnElement[bool]:
    rolled_up = _this.c.amount_nano.is_not(None)
    return or_(_w.destroyed_at.is_(None), rolled_up) if month == Month.of(now) else rolled_up


def _ranks(month: Month, now: datetime) -> dict[str, Any]:
    first_day = month.start <= now < month.start + timedelta(days=1)
    ranked_by = month.previous if first_day else month
    return {"by": ranked_by.first, "before": month.previous.first, "start": month.start}


def _with_amounts(month: Month) -> Select[Any]:
    return (
        _columns(_this)
        .join_from(Workspace.__table__, Plan.__table__, _p.id == _w.plan_id)
        .outerjoin(_this, _on(_this, month.first))
        .outerjoin(_before, _on(_before, month.previous.first))
    )


def _columns(rank: Any) -> Select[Any]:
    return select(
        _w.id,
        _w.handle,
        _p.name.label("plan"),
        _w.region,
        _w.state,
        _w.problem,
        _w.size,
        _w.month_nano,
        _w.rate_pico,
        _w.metered_at,
        rank.c.amount_nano.label("rank"),
        _before.c.amount_nano.label("before"),
    )


def _on(table: Any, first: Any) -> ColumnElement[bool]:
    return and_(table.c.month == first, table.c.workspace_id == _w.id)


# Built once: to build it took longer than to ask it.
_DEAREST = (
    _columns(_ranked)
    .join_from(_ranked, Workspace.__table__, _w.id == _ranked.c.workspace_id)
    .join(Plan.__table__, _p.id == _w.plan_id)
    .outerjoin(_before, _on(_before, bindparam("before")))
    .where(_ranked.c.month == bindparam("by"))
    .where(or_(_w.destroyed_at.is_(None), _w.destroyed_at >= bindparam("start")))
    .order_by(_ranked.c.amount_nano.desc(), _ranked.c.workspace_id.desc())
    .limit(PAGE + 1)
)


def _cost(row: Any, month: Month, now: datetime) -> UserCost:
    running = month == Month.of(now)
    amount = (
        month_to_date(row.month_nano, row.rate_pico, row.metered_at, now) if running else row.rank
    )
    return UserCost(
        workspace_id=row.id,
        handle=row.handle,
        plan=row.plan,
        region=row.region,
        state=row.state,
        problem=row.problem,
        size=row.size,
        amount_nano=amount,
        before_nano=row.before,
        rate_pico=row.rate_pico if running else 0,
    )


def _whole(written: str) -> int:
    try:
        return int(written)
    except ValueError as error:
        raise Invalid("The address of this page is damaged; start from the first page.") from error
