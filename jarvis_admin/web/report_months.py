"""Which month a report about months is of: the last whole one, unless its address says another."""

from datetime import datetime

from flask import request

from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Invalid
from jarvis_admin.web import months


def whole(now: datetime) -> Month:
    """Invalid for a month that is not over: its halves cannot be compared yet."""
    if "month" not in request.args:
        return Month.of(now).previous
    month = months.asked(now)
    if month == Month.of(now):
        raise Invalid(f"{month.title} is not over: what moved in it is known on its last day.")
    return month


def whole_choices(first: Month, month: Month, now: datetime) -> months.Choices:
    return months.choices(first, month, Month.of(now).previous.start)
