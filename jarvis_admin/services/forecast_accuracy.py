"""How right the forecasts would have been: past months, told as if from days within them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.forecast import BAND_PERCENT, forecast
from jarvis_admin.domain.months import Month
from jarvis_admin.models import CostCell, UsageDay, Workspace
from jarvis_admin.services.forecasts import LOOKS_BACK, Days, Scope, fleet_days

AFTER_DAYS = (5, 10, 15, 20)
_MONTHS = 6
_FEWEST_DAYS = 14  # of history; before that nobody would have asked
_PPM = 10**6

_c, _u, _w = (model.__table__.c for model in (CostCell, UsageDay, Workspace))


@dataclass(frozen=True)
class Said:
    """What would have been said after so many days of the month, and what it became."""

    month: Month
    after_days: int
    low_nano: int
    expected_nano: int
    high_nano: int
    became_nano: int

    @property
    def inside(self) -> bool:
        return self.low_nano <= self.became_nano <= self.high_nano

    @property
    def error_ppm(self) -> int:
        """Of what it became; positive: too much was foretold."""
        if not self.became_nano:
            return 0
        return (self.expected_nano - self.became_nano) * _PPM // self.became_nano


@dataclass(frozen=True)
class Accuracy:
    said: Sequence[Said]  # the newest month first

    def of(self, after_days: int) -> "Accuracy":
        return Accuracy([one for one in self.said if one.after_days == after_days])

    @property
    def mean_error_ppm(self) -> int | None:
        """Mean absolute error; None when nothing could be tried."""
        if not self.said:
            return None
        return sum(abs(one.error_ppm) for one in self.said) // len(self.said)

    @property
    def inside(self) -> int:
        return sum(one.inside for one in self.said)

    promised_percent = BAND_PERCENT


def accuracy(session: Session, scope: Scope, key: str, now: datetime) -> Accuracy:
    """The last months that are over, as far as there is history before them; one statement."""
    this, oldest = Month.of(now), Month.of(now)
    for _ in range(_MONTHS):
        oldest = oldest.previous
    since = oldest.first - LOOKS_BACK
    return back_test(_days(session, scope, key, since, this.first), oldest, this)


def back_test(days: Days, oldest: Month, until: Month) -> Accuracy:
    """Each forecast sees only the days before it; `until` is the month that is still open."""
    known = days.known()
    said, month = [], until.previous
    while known and month >= oldest:
        for after in AFTER_DAYS:
            at = month.start + timedelta(days=after)
            if (at.date() - known[0]).days > _FEWEST_DAYS:
                said.append(_said(days, month, after, at))
        month = month.previous
    return Accuracy(said)


def _said(days: Days, month: Month, after: int, at: datetime) -> Said:
    history = days.history(at.date(), at.date() - LOOKS_BACK)
    found = forecast(history, at, days.sum(month.first, at.date()))
    return Said(
        month,
        after,
        found.low_nano,
        found.expected_nano,
        found.high_nano,
        days.sum(month.first, month.following.first),
    )


def _days(session: Session, scope: Scope, key: str, since: date, until: date) -> Days:
    if scope == "fleet":
        return fleet_days(session, since, until)
    table = _c
    mark: ColumnElement[bool] = _c.region == key
    if scope == "plan":
        mark = _c.plan == key
    elif scope == "user":
        mine = select(_w.id).where(_w.handle == key, _w.destroyed_at.is_(None))
        table, mark = _u, _u.workspace_id.in_(mine)
    rows = session.execute(
        select(table.day, table.component, func.sum(table.amount_nano))
        .where(mark, table.day >= since, table.day < until)
        .group_by(table.day, table.component)
    )
    days = Days.empty()
    for day, component, nano in rows:
        days.add(day, component, int(nano))
    return days
