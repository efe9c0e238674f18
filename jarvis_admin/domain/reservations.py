"""What a reservation costs by the day, and what it takes off the compute of a day.

The yearly fee is spread over the days of its own year so that the year sums exactly. The
monthly credit pays for compute of one CPU class in one region, day after day until it is used
up; what is left at the end of a month is lost. Fly documents no other proration, so a month that
is reserved only in part gets the share of its days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from jarvis_admin.domain.money import round_half_even
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.size import Size
from jarvis_admin.errors import Invalid

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Terms:
    """`until` is the first day that is not reserved any more; None: no end yet."""

    id: int
    region: str
    cpu_class: str
    yearly_nano: int
    credit_nano: int
    first: date
    until: date | None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Share:
    """A day of a reservation: the fee it costs and the credit it brings, both zero or more."""

    id: int
    day: date
    fee_nano: int
    credit_nano: int


# Compute cost by day, region and CPU class.
Compute = Mapping[tuple[date, str, str], int]


def fee_nano(terms: Terms, day: date) -> int:
    """The day's part of the yearly fee; the days of each of its years sum to it exactly."""
    years = day.year - terms.first.year
    if anniversary(terms.first, years) > day:
        years -= 1
    begin, end = anniversary(terms.first, years), anniversary(terms.first, years + 1)
    length, number = (end - begin).days, (day - begin).days
    before = round_half_even(terms.yearly_nano * number, length)
    return round_half_even(terms.yearly_nano * (number + 1), length) - before


def month_credit(terms: Terms, month: Month) -> int:
    """All of it, or the share of the days that are reserved."""
    begin = max(terms.first, month.first)
    end = min(terms.until or month.following.first, month.following.first)
    days = max((end - begin).days, 0)
    return terms.credit_nano * days // (month.following.first - month.first).days


def shares(
    reserved: Sequence[Terms], month: Month, days: Sequence[date], compute: Compute
) -> list[Share]:
    """Every reserved day of the month among `days`, which are in order and begin with its first.

    Two reservations for the same class and region never credit the same cent.
    """
    found = []
    left = dict(compute)
    for terms in sorted(reserved, key=lambda one: one.id):
        credit = month_credit(terms, month)
        for day in days:
            if not terms.covers(day):
                continue
            key = (day, terms.region, terms.cpu_class)
            used = min(credit, max(left.get(key, 0), 0))
            credit -= used
            left[key] = left.get(key, 0) - used
            found.append(Share(terms.id, day, fee_nano(terms, day), used))
    return found


def cpu_class(size: str) -> str:
    """`shared` or `performance`; empty for what is no size."""
    try:
        return Size.parse(size).cpu_kind
    except Invalid:
        return ""


def anniversary(first: date, years: int = 1) -> date:
    """So many years on; of a 29 February, the 1 March where there is none."""
    try:
        return first.replace(year=first.year + years)
    except ValueError:
        return date(first.year + years, 3, 1)
