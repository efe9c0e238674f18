"""What would have fired in the past, in words: shown in the form before anything is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from jarvis_admin.domain.budgets import Basis, Threshold
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.services.budget_history import PastMonth
from jarvis_admin.services.unusual import Tried

_MOST_SHOWN = 50


@dataclass(frozen=True)
class BudgetTrial:
    """Months newest first: name, flag, amount, and the days on which thresholds fired."""

    sentence: str
    months: list[tuple[str, str, str, list[str]]]


@dataclass(frozen=True)
class UnusualTrial:
    """Rows: day, handle, where it is explained, amount, usual, percent over."""

    sentence: str
    rows: list[tuple[str, str, str, str, str, str]]


def of_budget(past: Sequence[PastMonth]) -> BudgetTrial:
    count = sum(len(month.fired) for month in past)
    return BudgetTrial(
        _would_have(count, f"in the last {_months(len(past))}") if past else "",
        [
            (
                month.month.title,
                "first month" if month.partial else "",
                dollars(month.amount_nano),
                [_fired(day, each) for day, each in month.fired],
            )
            for month in past
        ],
    )


def of_unusual(tried: Sequence[Tried]) -> UnusualTrial:
    return UnusualTrial(
        _would_have(len(tried), "in the last 30 days"),
        [
            (
                _day(each.finding.day),
                each.handle,
                url_for(
                    "user_costs.show", handle=each.handle, month=str(Month.of(each.finding.day))
                ),
                dollars(each.finding.amount_nano),
                dollars(each.finding.usual_nano),
                _over(each.finding.percent_over),
            )
            for each in tried[:_MOST_SHOWN]
        ],
    )


def _would_have(count: int, when: str) -> str:
    if not count:
        return f"It would not have fired {when}."
    return f"It would have fired {count} time{'' if count == 1 else 's'} {when}."


def _months(count: int) -> str:
    return "month" if count == 1 else f"{count} months"


def _fired(day: date, each: Threshold) -> str:
    what = "expected" if each.basis is Basis.FORECAST else "spent"
    return f"{each.percent} % {what} on {_day(day)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _over(percent: int | None) -> str:
    return "–" if percent is None else f"{percent:,} %"
