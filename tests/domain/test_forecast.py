"""Month-end forecasts on synthetic months."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_admin.domain.forecast import (
    BAND_PERCENT,
    Forecast,
    History,
    forecast,
    past_errors,
    path,
)
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.months import Month

FIRST = date(2025, 1, 1)
OCTOBER = Month(date(2026, 10, 1))


def history(
    days: int, until: date, noise: float = 0.0, growth: float = 0.0, seed: int = 0
) -> History:
    """A hundred dollars kept a day, and three hundred used on working days."""
    rng = random.Random(f"{days}-{noise}-{growth}-{seed}")
    first = until - timedelta(days=days)
    steady, lively = [], []
    for n in range(days):
        weekend = (first + timedelta(days=n)).weekday() >= 5
        level = (1 + growth) ** n
        steady.append(int(100 * NANO * level))
        lively.append(int((100 if weekend else 300) * NANO * level * rng.lognormvariate(0, noise)))
    return History(first, steady, lively)


def total(past: History, since: date, until: date) -> int:
    sums = [s + u for s, u in zip(past.steady, past.lively, strict=True)]
    return sum(sums[(since - past.first).days : (until - past.first).days])


def told_on(past: History, month: Month, day: int) -> tuple[Forecast, int]:
    """The forecast after so many days, seeing nothing later; and what the month became."""
    at = month.start + timedelta(days=day)
    seen = (at.date() - past.first).days
    first = max(seen - 91, 0)
    known = History(
        past.first + timedelta(days=first), past.steady[first:seen], past.lively[first:seen]
    )
    found = forecast(known, at, total(past, month.first, at.date()))
    return found, total(past, month.first, month.following.first)


def test_an_even_fleet_is_foretold_almost_exactly():
    past = history(300, OCTOBER.following.first)

    for day in (5, 10, 15, 20):
        found, became = told_on(past, OCTOBER, day)

        assert found.expected_nano == pytest.approx(became, rel=0.005)
        assert found.high_nano - found.low_nano < became * 3 // 100
        assert found.tested


@pytest.mark.parametrize(("noise", "growth"), [(0.05, 0.0), (0.2, 0.002), (0.4, -0.001)])
def test_about_four_of_five_months_end_inside_the_band(noise: float, growth: float):
    said = []
    for seed in range(4):
        past, month = history(640, OCTOBER.following.first, noise, growth, seed), OCTOBER
        for _ in range(16):
            said += [told_on(past, month, day) for day in (5, 10, 15, 20)]
            month = month.previous

    inside = sum(found.low_nano <= became <= found.high_nano for found, became in said)
    errors = [abs(found.expected_nano - became) / became for found, became in said]
    assert BAND_PERCENT - 8 <= 100 * inside / len(said) <= BAND_PERCENT + 10
    assert sum(errors) / len(errors) < 0.15 * noise + 0.03


def test_it_beats_going_on_at_the_months_pace():
    past = history(400, OCTOBER.following.first, 0.05)
    found, became = told_on(past, OCTOBER, 4)  # Thursday to Sunday: the pace is too low

    pace = found.spent_nano * 31 // 4

    assert abs(found.expected_nano - became) < abs(pace - became) / 4


def test_what_is_kept_goes_on_at_its_rate():
    at = datetime(2026, 11, 21, tzinfo=UTC)
    steady = History(date(2026, 11, 1), [0] * 20, [0] * 20)

    found = forecast(steady, at, 5 * NANO, steady_pico=10**9)

    assert found.expected_nano == 5 * NANO + 10 * 86_400 * 10**6


def test_without_history_nothing_is_foretold_and_without_much_the_band_is_a_guess():
    at = datetime(2026, 11, 11, tzinfo=UTC)

    nothing = forecast(History(at.date(), (), ()), at, 7 * NANO)
    little = forecast(History(date(2026, 11, 9), [0, 0], [NANO, NANO]), at, 2 * NANO)

    assert (nothing.low_nano, nothing.expected_nano, nothing.high_nano) == (7 * NANO,) * 3
    assert not little.tested
    told = little.low_nano, little.expected_nano, little.high_nano
    assert told == pytest.approx((12 * NANO, 22 * NANO, 32 * NANO), rel=1e-6)


def test_the_path_ends_where_the_forecast_does():
    found, _ = told_on(history(200, OCTOBER.following.first, 0.2), OCTOBER, 12)

    points = path(found)

    assert len(points) == 19
    assert points[-1].day == date(2026, 10, 31)
    assert points[-1].expected_nano == pytest.approx(found.expected_nano, abs=20)
    assert points[-1].low_nano == pytest.approx(found.low_nano, abs=20)
    assert points[-1].high_nano == pytest.approx(found.high_nano, abs=20)
    assert [p.high_nano - p.low_nano for p in points] == sorted(
        p.high_nano - p.low_nano for p in points
    )


def test_an_error_of_the_past_is_what_came_over_what_was_said():
    doubled = History(FIRST, [0] * 40, [100] * 20 + [200] * 20)

    errors = past_errors(doubled, 5)

    assert max(errors) == pytest.approx(2 * 10**6, rel=0.01)
    assert min(errors) == pytest.approx(10**6, rel=0.01)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 10**12), min_size=0, max_size=120),
    st.integers(0, 27),
    st.integers(0, 86_399),
    st.integers(0, 10**14),
)
def test_the_band_holds_its_middle_and_no_less_than_was_spent(
    days: list[int], day: int, second: int, spent: int
):
    at = OCTOBER.start + timedelta(days=day, seconds=second)
    first = at.date() - timedelta(days=len(days))

    found = forecast(History(first, [nano // 3 for nano in days], days), at, spent)

    assert spent <= found.low_nano <= found.expected_nano <= found.high_nano
    assert found == forecast(History(first, [nano // 3 for nano in days], days), at, spent)
