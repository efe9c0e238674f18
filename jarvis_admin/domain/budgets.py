"""Budgets: which thresholds an amount has reached, and which it would have reached in the past."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from jarvis_admin.domain.money import microseconds
from jarvis_admin.errors import Invalid

MOST_PERCENT = 1000
_MOST_THRESHOLDS = 10


class Basis(StrEnum):
    ACTUAL = "actual"  # what the month has cost so far
    FORECAST = "forecast"  # what it is expected to have cost at its end


@dataclass(frozen=True, order=True)
class Threshold:
    basis: Basis
    percent: int

    def reached(self, amount_nano: int, standing: "Standing") -> bool:
        return standing.of(self.basis) * 100 >= self.percent * amount_nano


@dataclass(frozen=True)
class Standing:
    """A month at one moment, in nanodollars."""

    actual_nano: int
    expected_nano: int

    def of(self, basis: Basis) -> int:
        return self.actual_nano if basis is Basis.ACTUAL else self.expected_nano


def thresholds(actual: Iterable[int], forecast: Iterable[int]) -> tuple[Threshold, ...]:
    return (
        *(Threshold(Basis.ACTUAL, percent) for percent in sorted(set(actual))),
        *(Threshold(Basis.FORECAST, percent) for percent in sorted(set(forecast))),
    )


def reached(amount_nano: int, at: Iterable[Threshold], standing: Standing) -> list[Threshold]:
    """Lowest first within a basis."""
    return [each for each in sorted(at) if each.reached(amount_nano, standing)]


def next_of(amount_nano: int, at: Iterable[Threshold], standing: Standing) -> Threshold | None:
    """The threshold on actual cost that comes next; None: there is no further one."""
    ahead = (
        each
        for each in sorted(at)
        if each.basis is Basis.ACTUAL and not each.reached(amount_nano, standing)
    )
    return next(ahead, None)


def percent_of(nano: int, amount_nano: int) -> int:
    """Whole percents, rounded down: 100 is shown when the budget is used up, not before."""
    return nano * 100 // amount_nano


def firings(
    amount_nano: int, at: Iterable[Threshold], days: Sequence[tuple[date, Standing]]
) -> list[tuple[date, Threshold]]:
    """When each threshold would have fired in a month: once, on the first day that reached it."""
    found = []
    for each in sorted(at):
        day = next((day for day, told in days if each.reached(amount_nano, told)), None)
        if day is not None:
            found.append((day, each))
    return sorted(found)


def parse_percents(written: str) -> list[int]:
    """`50, 80 100 %` as numbers, lowest first; empty for none; Invalid for anything else."""
    words = [word for word in re.split(r"[\s,;%]+", written) if word]
    if not all(word.isascii() and word.isdecimal() and len(word) <= 4 for word in words):
        raise Invalid("Write thresholds as whole percents, like 50 80 100.")
    percents = sorted({int(word) for word in words})
    if len(percents) > _MOST_THRESHOLDS:
        raise Invalid(f"At most {_MOST_THRESHOLDS} thresholds.")
    if percents and not (percents[0] >= 1 and percents[-1] <= MOST_PERCENT):
        raise Invalid(f"A threshold lies between 1 and {MOST_PERCENT} percent.")
    return percents


def used_up_at(
    amount_nano: int, standing: Standing, now: datetime, month_end: datetime
) -> datetime | None:
    """When the month is expected to pass the amount, if it spends evenly from now on."""
    ahead = standing.expected_nano - standing.actual_nano
    missing = amount_nano - standing.actual_nano
    if missing <= 0 or ahead <= 0 or missing > ahead:
        return None
    # In whole numbers: a span times nanodollars is more than a span can hold.
    return now + timedelta(microseconds=microseconds(month_end - now) * missing // ahead)
