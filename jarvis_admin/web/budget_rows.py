"""Budgets as a list shows them: amounts, the bar, the state in words."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from jarvis_admin.domain.budgets import next_of, percent_of, used_up_at
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.models import Budget
from jarvis_admin.services import budget_standing, budgets

_WARN_PERCENT = 80


@dataclass(frozen=True)
class Row:
    id: int
    name: str
    why: str  # where the amount is explained
    amount: str
    actual: str
    percent: int
    expected: str
    band: str
    expected_percent: int
    bar: "Bar"
    look: str
    word: str
    note: str
    next: str
    owner: str
    snoozed: bool


@dataclass(frozen=True)
class Bar:
    """In hundredths of the widest of amount, actual and expected."""

    actual: int
    expected: int
    limit: int
    look: str
    label: str


def row(budget: Budget, now: datetime) -> Row:
    amount = budget.amount_nano
    standing = budget_standing.standing_of(budget)
    percent = percent_of(budget.actual_nano, amount)
    look, word, note = _state(budget, now)
    ahead = next_of(amount, budgets.thresholds_of(budget), standing)
    at = f"{ahead.percent} % at ${dollars(amount * ahead.percent // 100)}" if ahead else "none left"
    return Row(
        id=budget.id,
        name=budgets.name_of(budget.scope, budget.key),
        why=why(budget.scope, budget.key, str(Month.of(now))),
        amount=dollars(amount),
        actual=dollars(budget.actual_nano),
        percent=percent,
        expected=dollars(budget.expected_nano),
        band=f"{dollars(budget.low_nano)} – {dollars(budget.high_nano)}",
        expected_percent=percent_of(budget.expected_nano, amount),
        bar=_bar(budget, percent),
        look=look,
        word=word,
        note=note,
        next=at,
        owner=budget.owner.name if budget.owner else "",
        snoozed=budgets.is_snoozed(budget, now),
    )


def why(scope: str, key: str, month: str) -> str:
    """The page that explains what a budget or an alert is about."""
    if scope == "user":
        return url_for("user_costs.show", handle=key, month=month)
    return url_for("costs.index", month=month)


def _state(budget: Budget, now: datetime) -> tuple[str, str, str]:
    amount = budget.amount_nano
    if budgets.is_snoozed(budget, now):
        assert budget.snoozed_until is not None
        until = budget.snoozed_until
        return "suspended", "Snoozed", f"until {until.day} {until:%b %H:%M} UTC"
    if budget.actual_nano >= amount:
        return "failed", "Used up", f"${dollars(budget.actual_nano - amount)} over"
    used_up = used_up_at(amount, budget_standing.standing_of(budget), now, Month.of(now).end)
    if used_up is not None:
        return "warn", "Expected over", f"about {used_up.day} {used_up:%b}"
    if percent_of(budget.actual_nano, amount) >= _WARN_PERCENT:
        return "warn", "Nearly used", f"${dollars(amount - budget.actual_nano)} left"
    return "pass", "On track", f"${dollars(amount - budget.actual_nano)} left"


def _bar(budget: Budget, percent: int) -> Bar:
    widest = max(budget.amount_nano, budget.actual_nano, budget.expected_nano)
    look = "failed" if percent >= 100 else "warn" if percent >= _WARN_PERCENT else "live"
    expected = percent_of(budget.expected_nano, budget.amount_nano)
    return Bar(
        actual=max(budget.actual_nano, 0) * 100 // widest,
        expected=max(budget.expected_nano, 0) * 100 // widest,
        limit=min(budget.amount_nano * 100 // widest, 99),
        look=look,
        label=f"{percent} % spent, {expected} % expected at the end of the month",
    )
