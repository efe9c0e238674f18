"""Unusual usage: a day that costs far more than the same user's days before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW_DAYS = 28  # that a day is compared with: each weekday four times
FEWEST_DAYS = 7  # with fewer nothing is usual yet


@dataclass(frozen=True)
class Rule:
    """More than `percent` over the median, and at least `minimum_nano` more than it."""

    percent: int
    minimum_nano: int


@dataclass(frozen=True)
class Finding:
    day: date
    amount_nano: int
    usual_nano: int

    @property
    def percent_over(self) -> int | None:
        """None: nothing was usual, so no percentage says anything."""
        if self.usual_nano <= 0:
            return None
        return (self.amount_nano - self.usual_nano) * 100 // self.usual_nano


def find(rule: Rule, day: date, amount_nano: int, before: Sequence[int]) -> Finding | None:
    """`before`: whole days in nanodollars, newest last; only the last of them count."""
    if len(before) < FEWEST_DAYS:
        return None
    usual = median(before[-WINDOW_DAYS:])
    more = amount_nano - usual
    if more < rule.minimum_nano or more <= 0 or more * 100 <= usual * rule.percent:
        return None
    return Finding(day, amount_nano, usual)


def find_all(rule: Rule, first: date, days: Sequence[int], since: date) -> list[Finding]:
    """What the rule would have found from `since` on; `days` follow one another from `first`."""
    found = []
    for n, amount in enumerate(days):
        day = first + timedelta(days=n)
        finding = find(rule, day, amount, days[:n]) if day >= since else None
        if finding is not None:
            found.append(finding)
    return found


def median(values: Sequence[int]) -> int:
    ranked, half = sorted(values), len(values) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) // 2
