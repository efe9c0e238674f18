"""Stretches of days: what an address says, its steps, and what it is compared with."""

from datetime import date, timedelta

import pytest

from jarvis_admin.domain.months import Month
from jarvis_admin.domain.periods import Pair, Period, Range, Step
from jarvis_admin.errors import Invalid

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({}, "2026-11-01", "2026-11-23"),
        ({"range": "last-month"}, "2026-10-01", "2026-10-31"),
        ({"range": "30d"}, "2026-10-25", "2026-11-23"),
        ({"range": "12m"}, "2025-12-01", "2026-11-23"),
        ({"from": "2026-02-03", "to": "2026-02-05"}, "2026-02-03", "2026-02-05"),
        ({"from": "2026-11-20", "to": "2030-01-01"}, "2026-11-20", "2026-11-23"),
        ({"to": "2026-09-17"}, "2026-09-01", "2026-09-17"),
    ],
)
def test_an_address_is_read(asked: dict[str, str], first: str, last: str):
    period = Period.read(asked, TODAY)

    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


@pytest.mark.parametrize("range_", [r for r in Range if r is not Range.OWN])
@pytest.mark.parametrize("today", [date(2026, 3, 31), date(2024, 2, 29), date(2026, 1, 1)])
@pytest.mark.parametrize("step", Step)
def test_what_is_compared_begins_before_and_is_not_longer(range_: Range, today: date, step: Step):
    period = Period.of(range_, today)

    before = period.before(step)

    assert before.first < period.first
    assert before.until <= period.first or range_ is Range.MONTHS_12
    if step is Step.DAY:
        assert before.days <= period.days


def test_a_month_is_compared_with_as_many_days_of_the_month_before():
    month = Period.of(Range.THIS_MONTH, date(2026, 3, 31))

    assert month.days == 31
    assert month.before(Step.DAY).days == 28


def test_steps_cover_every_day_once():
    period = Period.read({"from": "2025-12-15", "to": "2026-02-03"}, TODAY)
    days = {period.first + timedelta(days=n) for n in range(period.days)}

    assert set(period.starts(Step.DAY)) == days
    assert period.starts(Step.MONTH) == (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))


@pytest.mark.parametrize(
    "asked",
    [
        {"range": "year"},
        {"range": "own"},
        {"from": "2026-02-30"},
        {"from": "2026-11-24"},
        {"from": "2026-05-02", "to": "2026-05-01"},
        {"from": "2020-01-01"},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"to": "9999-12-31"},
    ],
)
def test_what_is_no_period_is_refused(asked: dict[str, str]):
    with pytest.raises(Invalid):
        Period.read(asked, TODAY)


def test_a_range_is_compared_by_its_closed_days_and_a_month_with_the_month_before():
    today = date(2026, 11, 20)

    pairs = {asked: Pair.read({"range": asked}, today) for asked in ("month", "last-month", "30d")}

    said = {asked: (str(pair.before), str(pair.now)) for asked, pair in pairs.items()}
    assert said == {
        "month": ("1 – 19 October 2026", "1 – 19 November 2026"),
        "last-month": ("1 – 30 September 2026", "1 – 31 October 2026"),
        "30d": ("23 September – 21 October 2026", "22 October – 19 November 2026"),
    }
    assert [asked for asked, pair in pairs.items() if pair.month] == ["last-month"]
    assert Pair.read({"from": "2026-09-01", "to": "2026-09-30"}, today).month == Month(
        date(2026, 9, 1)
    )
