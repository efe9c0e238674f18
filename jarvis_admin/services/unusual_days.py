"""Daily amounts of users, for telling which days are unusual: few statements, whatever the fleet.

Who spent little on a day cannot have spent much more than usual, so only workspaces above a
rule's minimum are looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.anomalies import WINDOW_DAYS
from jarvis_admin.domain.metering import month_to_date
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Plan, UsageDay, Workspace, WorkspaceMonth

_AT_ONCE = 500
_w, _u, _p = Workspace.__table__.c, UsageDay.__table__.c, Plan.__table__.c
_m = WorkspaceMonth.__table__.c


@dataclass(frozen=True)
class Spent:
    """What a workspace has cost on a day."""

    workspace_id: int
    handle: str
    plan: str
    amount_nano: int


def whole_day(session: Session, day: date, minimum_nano: int) -> list[Spent]:
    """Of a day that is closed; one statement."""
    amount = func.sum(_u.amount_nano)
    rows = session.execute(
        select(_w.id, _w.handle, _p.key, amount)
        .join_from(Workspace.__table__, Plan.__table__, _p.id == _w.plan_id)
        .join(UsageDay.__table__, and_(_u.workspace_id == _w.id, _u.day == day))
        .where(_w.user_id.is_not(None))
        .group_by(_w.id, _w.handle, _p.key)
        .having(amount >= minimum_nano)
    )
    return [Spent(id_, handle, plan, int(nano)) for id_, handle, plan, nano in rows]


def running_day(session: Session, now: datetime, minimum_nano: int) -> Iterator[Spent]:
    """Since midnight, open intervals included; one statement.

    Open is what the month has cost beyond the sum of its closed intervals.
    """
    month, today = Month.of(now), now.date()
    closed = (
        select(func.sum(_u.amount_nano))
        .where(_u.workspace_id == _w.id, _u.day == today)
        .correlate(Workspace.__table__)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            _w.id,
            _w.handle,
            _p.key,
            _w.month_nano,
            _w.rate_pico,
            _w.metered_at,
            func.coalesce(_m.amount_nano, 0),
            func.coalesce(closed, 0),
        )
        .join_from(Workspace.__table__, Plan.__table__, _p.id == _w.plan_id)
        .outerjoin(
            WorkspaceMonth.__table__, and_(_m.workspace_id == _w.id, _m.month == month.first)
        )
        .where(_w.destroyed_at.is_(None), _w.user_id.is_not(None))
    )
    for id_, handle, plan, stored, rate, as_of, in_month, today_nano in rows:
        opened = max(month_to_date(stored, rate, as_of, now) - int(in_month), 0)
        if opened + int(today_nano) >= minimum_nano:
            yield Spent(id_, handle, plan, opened + int(today_nano))


def before(
    session: Session, ids: Iterable[int], day: date, count: int = WINDOW_DAYS
) -> dict[int, Sequence[int]]:
    """Their whole days before that one, from the first with a cost; a statement for each 500."""
    since, rest = day - timedelta(days=count), iter(ids)
    amounts: dict[int, dict[date, int]] = defaultdict(dict)
    while chunk := list(islice(rest, _AT_ONCE)):
        rows = session.execute(
            select(_u.workspace_id, _u.day, func.sum(_u.amount_nano))
            .where(_u.workspace_id.in_(chunk), _u.day >= since, _u.day < day)
            .group_by(_u.workspace_id, _u.day)
        )
        for id_, on, nano in rows:
            amounts[id_][on] = int(nano)
    return {id_: _gapless(days, day) for id_, days in amounts.items()}


def _gapless(days: dict[date, int], until: date) -> list[int]:
    first = min(days)
    return [days.get(first + timedelta(days=n), 0) for n in range((until - first).days)]
