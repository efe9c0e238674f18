"""Each minute: how budgets stand, and the alerts of thresholds that were reached."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from jarvis_admin.domain.budgets import Basis, Threshold, percent_of, reached
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Alert, Budget
from jarvis_admin.services import alerts, budget_standing, budgets
from jarvis_admin.services.alerts import Kind


def watch(session: Session, now: datetime) -> int:
    """How many alerts were raised; the number of statements hangs on scopes, not on users."""
    rows = budgets.every(session)
    budget_standing.renew(session, rows, now)
    awake = [row for row in rows if not budgets.is_snoozed(row, now)]
    over = {
        _key(row, each, now): (row, each, each in loud)
        for row in awake
        for each, loud in _reached(row)
    }
    news = alerts.unraised(session, list(over))
    raised = [
        alerts.raise_once(session, _alert(key, *over[key], now)) for key in over if key in news
    ]
    return sum(raised)


def _reached(row: Budget) -> Iterator[tuple[Threshold, Sequence[Threshold]]]:
    """With the highest of each basis: who was told of 100 % need not hear of 80 %."""
    standing = budget_standing.standing_of(row)
    found = reached(row.amount_nano, budgets.thresholds_of(row), standing)
    highest = [max(each for each in found if each.basis is b) for b in {e.basis for e in found}]
    return ((each, highest) for each in found)


def _key(row: Budget, each: Threshold, now: datetime) -> str:
    """With the amount: a budget that was raised is another one, and fires anew."""
    what = f"{row.scope}:{row.key}:{row.amount_nano}"
    return f"budget:{what}:{each.basis}:{each.percent}:{Month.of(now)}"


def _alert(key: str, row: Budget, each: Threshold, loud: bool, now: datetime) -> Alert:
    month, name = Month.of(now), budgets.name_of(row.scope, row.key)
    spent = each.basis is Basis.ACTUAL
    nano = row.actual_nano if spent else row.expected_nano
    said = _spent(name, row, month) if spent else _foretold(name, row, month)
    owner = f" Owner: {row.owner.name}." if row.owner else ""
    note = f" {row.note}" if row.note else ""
    return Alert(
        key=key,
        kind=Kind.BUDGET if spent else Kind.FORECAST,
        at=now,
        period=str(month),
        scope=row.scope,
        subject=row.key,
        title=f"{name}: {each.percent} % of the budget {'spent' if spent else 'expected'}",
        text=f"{said}{owner}{note}",
        amount_nano=nano,
        limit_nano=row.amount_nano,
        quiet=not loud,
    )


def _spent(name: str, row: Budget, month: Month) -> str:
    percent = percent_of(row.actual_nano, row.amount_nano)
    return (
        f"{name} has cost ${dollars(row.actual_nano)} of ${dollars(row.amount_nano)} "
        f"in {month.title}, {percent} %."
    )


def _foretold(name: str, row: Budget, month: Month) -> str:
    percent = percent_of(row.expected_nano, row.amount_nano)
    return (
        f"{name} is expected to end {month.title} at ${dollars(row.expected_nano)} "
        f"(between ${dollars(row.low_nano)} and ${dollars(row.high_nano)}), "
        f"{percent} % of ${dollars(row.amount_nano)}; so far ${dollars(row.actual_nano)}."
    )
