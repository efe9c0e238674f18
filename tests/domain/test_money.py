from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_admin.domain.money import (
    NANO,
    PICO,
    amount_nano,
    csv_dollars,
    dollars,
    exact_dollars,
    round_half_even,
    rounded_alike,
)


@pytest.mark.parametrize(
    ("rate_pico", "span", "nano"),
    [
        pytest.param(PICO, timedelta(seconds=1), NANO, id="a dollar a second"),
        pytest.param(1_232_500, timedelta(hours=1), 4_437_000, id="512 MB for an hour"),
        pytest.param(1_000, 500_000, 0, id="half a nanodollar goes to the even zero"),
        pytest.param(1_000, 1_500_000, 2, id="one and a half goes to the even two"),
        pytest.param(1_000, 2_500_000, 2, id="two and a half goes to the even two"),
        pytest.param(1_000, 2_500_001, 3, id="a microsecond past the half goes up"),
        pytest.param(-1_000, 1_500_000, -2, id="a credit rounds the same way"),
        pytest.param(750_000, timedelta(microseconds=1), 0, id="a microsecond costs nothing"),
        pytest.param(750_000, timedelta(), 0, id="no time costs nothing"),
    ],
)
def test_an_amount_is_rounded_once_and_half_to_even(rate_pico, span, nano):
    assert amount_nano(rate_pico, span) == nano


@settings(deadline=None)
@given(rate=st.integers(-(10**15), 10**15), micros=st.integers(0, 10**16))
def test_an_amount_is_never_more_than_half_a_nanodollar_off(rate, micros):
    exact = Fraction(rate * micros, 10**9)

    assert amount_nano(rate, micros) == round(exact)


@pytest.mark.parametrize(
    ("nano", "places", "text"),
    [
        pytest.param(0, 2, "0.00", id="nothing"),
        pytest.param(1_234_500_000_000, 2, "1,234.50", id="thousands"),
        pytest.param(-3_770_000_000, 2, "−3.77", id="a true minus"),
        pytest.param(-4_999_999, 2, "0.00", id="no minus before nothing"),
        pytest.param(5_000_000, 2, "0.00", id="half a cent to even"),
        pytest.param(15_000_000, 2, "0.02", id="one and a half cents to even"),
        pytest.param(4_437_000, 6, "0.004437", id="six places"),
        pytest.param(4_437_000, 9, "0.004437000", id="nine places"),
        pytest.param(999_999_999, 0, "1", id="no places"),
        pytest.param(1, 10, "0.0000000010", id="finer than we count"),
    ],
)
def test_dollars_are_written_for_people(nano, places, text):
    assert dollars(nano, places) == text


@settings(deadline=None)
@given(amounts=st.lists(st.integers(-(10**20), 10**20)))
def test_a_csv_column_adds_up_to_what_we_hold(amounts):
    column = [csv_dollars(nano) for nano in amounts]

    assert sum(int(Decimal(text).scaleb(9)) for text in column) == sum(amounts)
    assert not any("E" in text for text in column)


def test_exact_dollars_keep_every_digit():
    assert exact_dollars(123_456_789_012_345_678_901) == Decimal("123456789012.345678901")


@given(parts=st.lists(st.integers(-(10**13), 10**13), max_size=12), unit=st.integers(1, 10**8))
def test_rows_that_are_rounded_alike_add_up_to_their_rounded_sum(parts, unit):
    rounded = rounded_alike(parts, unit)

    assert all(part % unit == 0 for part in rounded)
    assert sum(rounded) == round_half_even(sum(parts), unit) * unit
    assert all(abs(was - now) < unit for was, now in zip(parts, rounded, strict=True))
