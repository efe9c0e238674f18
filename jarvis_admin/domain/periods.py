"""The stretch of days a report is about, its steps, and the stretch before to compare with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Invalid

_DAY = timedelta(days=1)
_LONGEST = 1_100  # days
_DAYS_SHOWN_SINGLY = 100
_LENGTHS = {"30d": 30, "90d": 90}


class Range(StrEnum):
    """As an address names it."""

    THIS_MONTH = "month"
    LAST_MONTH = "last-month"
    DAYS_30 = "30d"
    DAYS_90 = "90d"
    MONTHS_12 = "12m"
    OWN = "own"  # from … to …


class Step(StrEnum):
    DAY = "day"
    MONTH = "month"

    def start_of(self, day: date) -> date:
        return day if self is Step.DAY else day.replace(day=1)


@dataclass(frozen=True)
class Period:
    """Whole UTC days from `first` up to, but without, `until`."""

    range: Range
    first: date
    until: date

    @classmethod
    def of(cls, range_: Range, today: date) -> Self:
        """One of the ready-made ranges, as far as it has begun."""
        month, tomorrow = Month.of(today), today + _DAY
        if range_ is Range.THIS_MONTH:
            return cls(range_, month.first, tomorrow)
        if range_ is Range.LAST_MONTH:
            return cls(range_, month.previous.first, month.first)
        if range_ is Range.MONTHS_12:
            return cls(range_, _year_before(month.following.first), tomorrow)
        return cls(range_, tomorrow - timedelta(days=_LENGTHS[range_]), tomorrow)

    @classmethod
    def read(cls, asked: Mapping[str, str], today: date) -> Self:
        """From `range`, or `from` and `to` (both included); Invalid says what cannot be."""
        if asked.get("from") or asked.get("to"):
            return cls._between(asked.get("from", ""), asked.get("to", ""), today)
        written = asked.get("range", "") or Range.THIS_MONTH
        if written not in set(Range) - {Range.OWN}:
            raise Invalid(f"“{written[:20]}” is not a range; there are month, last-month, 30d …")
        return cls.of(Range(written), today)

    @classmethod
    def _between(cls, first: str, last: str, today: date) -> Self:
        begin = _day(first) if first else Month.of(_day(last)).first
        until = min(_day(last) if last else today, today) + _DAY
        if begin > today:
            raise Invalid(f"{begin.isoformat()} has not begun.")
        if until <= begin:
            raise Invalid("The last day lies before the first.")
        if (until - begin).days > _LONGEST:
            raise Invalid(f"A report spans at most {_LONGEST:,} days.")
        return cls(Range.OWN, begin, until)

    @property
    def days(self) -> int:
        return (self.until - self.first).days

    @property
    def last(self) -> date:
        return self.until - _DAY

    @property
    def usual_step(self) -> Step:
        return Step.DAY if self.days <= _DAYS_SHOWN_SINGLY else Step.MONTH

    def starts(self, step: Step) -> tuple[date, ...]:
        """The first day of every step in the period; the first month may begin before it."""
        days = (self.first + n * _DAY for n in range(self.days))
        return tuple(dict.fromkeys(step.start_of(day) for day in days))

    def before(self, step: Step) -> "Period":
        """The stretch to compare with: the month or year before, or as many days before.

        Day by day it is never longer than this one, so that each of its days has a partner.
        """
        if self.range in (Range.THIS_MONTH, Range.LAST_MONTH):
            first = Month.of(self.first).previous.first
            whole = step is Step.MONTH and self.range is Range.LAST_MONTH
            until = self.first if whole else min(first + timedelta(days=self.days), self.first)
        elif self.range is Range.MONTHS_12:
            first, until = _year_before(self.first), _year_before(self.until)
        else:
            first, until = self.first - timedelta(days=self.days), self.first
        if step is Step.DAY:  # a leap year has a day more
            until = min(until, first + timedelta(days=self.days))
        return Period(Range.OWN, first, until)

    @property
    def month(self) -> Month | None:
        """The month it is, if it is a whole one."""
        month = Month.of(self.first)
        return month if self.until == month.following.first else None

    def __str__(self) -> str:
        """`1 – 19 November 2026`, as headings say it."""
        first, last = self.first, self.last
        if first == last:
            return f"{first.day} {first:%B %Y}"
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day} – {last.day} {last:%B %Y}"
        year = f" {first.year}" if first.year != last.year else ""
        return f"{first.day} {first:%B}{year} – {last.day} {last:%B %Y}"


@dataclass(frozen=True)
class Pair:
    """Two periods that are compared; all their days are over."""

    now: Period
    before: Period

    @classmethod
    def of_month(cls, month: Month) -> Self:
        first, previous = month.first, month.previous.first
        return cls(
            Period(Range.OWN, first, month.following.first), Period(Range.OWN, previous, first)
        )

    @classmethod
    def read(cls, asked: Mapping[str, str], today: date) -> Self:
        """The closed days of a range, and as many before; of a whole month the month before."""
        period = Period.read(asked, today)
        if period.first >= today:
            raise Invalid("No day of it is over yet: what moved is known when one is.")
        period = replace(period, until=min(period.until, today))
        month = period.month
        return cls.of_month(month) if month else cls(period, period.before(Step.DAY))

    @property
    def month(self) -> Month | None:
        """When it compares a month with the one before it."""
        return self.now.month if self.before.month and self.before.until == self.now.first else None


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def _day(written: str) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise Invalid(f"“{written[:20]}” is not a day; write it like 2026-11-23.") from None
    if not 2000 <= day.year < 2100:
        raise Invalid(f"{written[:20]} lies outside of what can be reported.")
    return day
