"""Thresholds of budgets: when they are reached, and when they would have been."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from jarvis_admin.domain.budgets import (
    Basis,
    Standing,
    Threshold,
    firings,
    next_of,
    parse_percents,
    percent_of,
    reached,
    thresholds,
    used_up_at,
)
from jarvis_admin.errors import Invalid

AT = thresholds([80, 50, 100, 50], [100])


def actual(percent: int) -> Threshold:
    return Threshold(Basis.ACTUAL, percent)


def test_a_threshold_is_reached_at_exactly_its_share_and_not_before():
    assert reached(1000, AT, Standing(799, 0)) == [actual(50)]
    assert reached(1000, AT, Standing(800, 0)) == [actual(50), actual(80)]


def test_actual_and_forecast_are_looked_at_apart():
    assert reached(1000, AT, Standing(0, 1000)) == [Threshold(Basis.FORECAST, 100)]


def test_the_next_threshold_is_one_of_actual_cost():
    assert next_of(1000, AT, Standing(600, 5000)) == actual(80)
    assert next_of(1000, AT, Standing(1000, 1000)) is None


def test_percents_are_rounded_down():
    assert percent_of(999, 1000) == 99
    assert percent_of(1000, 1000) == 100


def test_in_the_past_each_threshold_fires_once_on_the_first_day_that_reaches_it():
    first = date(2026, 10, 1)
    days = [
        (first + timedelta(days=n), Standing(nano, 1000 if n == 1 else 0))
        for n, nano in enumerate([100, 500, 400, 900])
    ]

    assert firings(1000, AT, days) == [
        (first + timedelta(days=1), actual(50)),
        (first + timedelta(days=1), Threshold(Basis.FORECAST, 100)),
        (first + timedelta(days=3), actual(80)),
    ]


def test_whatever_the_days_a_threshold_fires_at_most_once_and_only_when_reached():
    rng = random.Random(3)
    for _ in range(200):
        spent, days = 0, []
        for n in range(30):
            spent += rng.randrange(100)
            days.append(
                (date(2026, 10, 1) + timedelta(days=n), Standing(spent, rng.randrange(3000)))
            )
        found = firings(1000, AT, days)
        assert len({each for _, each in found}) == len(found)
        told = dict(days)
        assert all(each.reached(1000, told[day]) for day, each in found)
        assert {each for _, each in found} >= set(reached(1000, AT[:3], days[-1][1]))


def test_the_day_a_budget_is_used_up_is_told_from_the_forecast():
    now, end = datetime(2026, 11, 11, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)

    nano = 10**14  # a hundred thousand dollars: as large as real amounts are
    middle = used_up_at(150 * nano, Standing(100 * nano, 200 * nano), now, end)
    assert middle == datetime(2026, 11, 21, tzinfo=UTC)
    assert used_up_at(250, Standing(100, 200), now, end) is None
    assert used_up_at(100, Standing(100, 200), now, end) is None


@pytest.mark.parametrize(
    ("written", "percents"),
    [("50, 80 100 %", [50, 80, 100]), ("100 50 50", [50, 100]), ("", []), ("150%", [150])],
)
def test_percents_are_read_as_people_write_them(written: str, percents: list[int]):
    assert parse_percents(written) == percents


@pytest.mark.parametrize(
    "written", ["half", "80.5", "-5", "0", "1001", "²", "99999", "1 2 3 4 5 6 7 8 9 10 11"]
)
def test_what_is_no_percentage_is_refused(written: str):
    with pytest.raises(Invalid):
        parse_percents(written)
