"""Which month a page is about: `?month=2026-11` in its address, this month without it."""

from dataclasses import dataclass
from datetime import datetime

from flask import request

from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Invalid

_SHOWN = 3
_LISTED = 24


@dataclass(frozen=True)
class Choice:
    month: Month
    current: bool

    @property
    def value(self) -> str:
        return str(self.month)


@dataclass(frozen=True)
class Choices:
    shown: list[Choice]  # the last few, oldest first
    more: list[Choice]  # those before, newest first


def asked(now: datetime) -> Month:
    """Invalid for what is no month, or has not begun."""
    written = request.args.get("month", "")
    month = Month.parse(written) if written else Month.of(now)
    if month > Month.of(now):
        raise Invalid(f"{month.title} has not begun.")
    return month


def choices(first: Month, asked: Month, now: datetime) -> Choices:
    """The months somebody can switch to: from the first with costs to this one."""
    months = [Month.of(now)]
    while len(months) < _LISTED and months[-1] > first:
        months.append(months[-1].previous)
    listed = [Choice(month, month == asked) for month in months]
    if asked not in months:
        listed.insert(_SHOWN - 1, Choice(asked, True))
    return Choices(listed[:_SHOWN][::-1], listed[_SHOWN:])


def period(month: Month, now: datetime) -> str:
    """`1 – 19 August 2026`, or the whole month once it is over."""
    days = month.days(now)
    return f"1 – {days[-1].day} {month.title}" if len(days) > 1 else f"1 {month.title}"
