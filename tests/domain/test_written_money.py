"""Amounts as people and files write them."""

import pytest

from jarvis_admin.domain.written_money import exact_usd, read_nano, usd
from jarvis_admin.errors import Invalid


@pytest.mark.parametrize(
    ("written", "nano"),
    [
        ("12.50", 12_500_000_000),
        ("$1,234.50", 1_234_500_000_000),
        ("US$ 3", 3_000_000_000),
        ("3 USD", 3_000_000_000),
        ("-0.000000001", -1),
        ("−$2", -2_000_000_000),
        ("$-2", -2_000_000_000),
        ("(12.30)", -12_300_000_000),
        (".5", 500_000_000),
        (" 0 ", 0),
        ("0.0000000005", 0),
    ],
)
def test_an_amount_is_read_exactly(written: str, nano: int):
    assert read_nano(written) == nano


@pytest.mark.parametrize(
    "written", ["", "abc", "1,23", "1.2.3", "1e5", "NaN", "--1", "1 2", "12,50", "9" * 13, "€5"]
)
def test_what_is_no_amount_is_refused(written: str):
    with pytest.raises(Invalid, match="is not an amount"):
        read_nano(written)


@pytest.mark.parametrize(
    ("nano", "said", "exactly"),
    [
        (-42_750_000_000, "\u2212$42.75", "\u2212$42.750000000"),
        (1_234_500_000_000, "$1,234.50", "$1234.500000000"),
        (-26, "$0.00", "\u2212$0.000000026"),
    ],
)
def test_the_sign_stands_before_the_dollar(nano: int, said: str, exactly: str):
    assert (usd(nano), exact_usd(nano)) == (said, exactly)
