"""How the running month stands for each budget: spent so far, and expected at its end."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.budgets import Standing
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.models import Budget, CostCell, Interval
from jarvis_admin.services import forecasts
from jarvis_admin.services.forecasts import BOOKED, Forecast, Scope

_c, _i = CostCell.__table__.c, Interval.__table__.c

Today = Mapping[str, int]


@dataclass(frozen=True)
class Outlook:
    """Nanodollars of the running month."""

    actual_nano: int
    low_nano: int
    expected_nano: int
    high_nano: int


def outlook(session: Session, scope: str, key: str, now: datetime) -> Outlook:
    return outlooks(session, [(scope, key)], now)[scope, key]


def outlooks(
    session: Session, wanted: Iterable[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], Outlook]:
    """At most two statements for each scope and 500 keys, and two more for plans and regions."""
    keys: dict[str, list[str]] = defaultdict(list)
    for scope, key in wanted:
        keys[scope].append(key)
    today = _today(session, now) if keys.keys() & {"plan", "region"} else {}
    found = {}
    for scope, of_scope in keys.items():
        told = forecasts.month_ends(session, cast(Scope, scope), of_scope, now)
        for key in of_scope:
            known = today.get(scope, {}).get(key, 0)
            found[scope, key] = _outlook(told[key], known)
    return found


def renew(session: Session, budgets: Sequence[Budget], now: datetime) -> None:
    """Write how they stand into their rows."""
    found = outlooks(session, [(row.scope, row.key) for row in budgets], now)
    for row in budgets:
        told = found[row.scope, row.key]
        row.actual_nano, row.low_nano = told.actual_nano, told.low_nano
        row.expected_nano, row.high_nano = told.expected_nano, told.high_nano
        row.stood_at = now


def standing_of(row: Budget) -> Standing:
    """As the row was last renewed."""
    return Standing(row.actual_nano, row.expected_nano)


def _outlook(told: Forecast, today: int) -> Outlook:
    spent = told.spent_nano + today
    expected = max(told.expected_nano, spent)
    return Outlook(spent, max(told.low_nano, spent), expected, max(told.high_nano, expected))


def _today(session: Session, now: datetime) -> dict[str, dict[str, int]]:
    """What plans and regions have cost since midnight, which their forecasts do not know.

    Bookings are left out: the forecast counts those of today already.
    """
    midnight = datetime.combine(now.date(), time(), UTC)
    sums: dict[str, dict[str, int]] = {"plan": defaultdict(int), "region": defaultdict(int)}
    closed = session.execute(
        select(_c.plan, _c.region, func.sum(_c.amount_nano))
        .where(_c.day == now.date(), _c.component.not_in(sorted(BOOKED)))
        .group_by(_c.plan, _c.region)
    )
    for plan, region, nano in closed:
        sums["plan"][plan] += int(nano)
        sums["region"][region] += int(nano)
    opened = session.execute(
        select(_i.plan, _i.region, _i.rate_pico, _i.started_at, func.count())
        .where(_i.ended_at.is_(None), _i.started_at < now)
        .group_by(_i.plan, _i.region, _i.rate_pico, _i.started_at)
    )
    for plan, region, rate, started_at, count in opened:
        nano = count * amount_nano(rate, now - max(started_at, midnight))
        sums["plan"][plan] += nano
        sums["region"][region] += nano
    return sums
