"""What a budget would have done in past months, told with what was known on each of their days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.budgets import Standing, Threshold, firings
from jarvis_admin.domain.forecast import forecast
from jarvis_admin.domain.months import Month
from jarvis_admin.models import CostCell, FleetDay, UsageDay, Workspace
from jarvis_admin.services.forecasts import LOOKS_BACK, Days

MONTHS = 6

_f, _c, _u, _w = (model.__table__.c for model in (FleetDay, CostCell, UsageDay, Workspace))


@dataclass(frozen=True)
class PastMonth:
    month: Month
    amount_nano: int
    fired: Sequence[tuple[date, Threshold]]
    partial: bool  # what it was tried on begins during the month


def back_test(
    session: Session,
    scope: str,
    key: str,
    amount_nano: int,
    thresholds: Sequence[Threshold],
    now: datetime,
) -> list[PastMonth]:
    """The last six whole months with a cost, newest first; one statement."""
    this = Month.of(now)
    since = this
    for _ in range(MONTHS):
        since = since.previous
    days = _days(session, scope, key, since.first - LOOKS_BACK, this.first)
    known = days.known()
    found, month = [], this.previous
    while known and month >= since and month.following.first > known[0]:
        told = _standings(days, month)
        fired = firings(amount_nano, thresholds, told)
        partial = known[0] > month.first
        found.append(PastMonth(month, days.sum(month.first, month.following.first), fired, partial))
        month = month.previous
    return found


def _standings(days: Days, month: Month) -> list[tuple[date, Standing]]:
    """At the end of each day: what was spent, and what the forecast of that evening said."""
    told, day = [], month.first
    while day < month.following.first:
        evening = datetime.combine(day, time(23, 59, 59), month.start.tzinfo)
        tomorrow = day + timedelta(days=1)
        spent = days.sum(month.first, tomorrow)
        history = days.history(tomorrow, since=tomorrow - LOOKS_BACK)
        told.append((day, Standing(spent, forecast(history, evening, spent).expected_nano)))
        day = tomorrow
    return told


def _days(session: Session, scope: str, key: str, since: date, until: date) -> Days:
    days = Days.empty()
    for day, component, nano in session.execute(_amounts(scope, key, since, until)):
        days.add(day, component, int(nano))
    return days


def _amounts(scope: str, key: str, since: date, until: date) -> Select[Any]:
    if scope == "fleet":
        return select(_f.day, _f.component, _f.amount_nano).where(_f.day >= since, _f.day < until)
    if scope == "user":
        return (
            select(_u.day, _u.component, func.sum(_u.amount_nano))
            .join_from(Workspace.__table__, UsageDay.__table__, _u.workspace_id == _w.id)
            .where(_w.handle == key, _u.day >= since, _u.day < until)
            .group_by(_u.day, _u.component)
        )
    column = _c.plan if scope == "plan" else _c.region
    return (
        select(_c.day, _c.component, func.sum(_c.amount_nano))
        .where(column == key, _c.day >= since, _c.day < until)
        .group_by(_c.day, _c.component)
    )
