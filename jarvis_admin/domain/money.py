"""Money as whole numbers: rates in picodollars per second, amounts in nanodollars."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

PICO = 10**12
NANO = 10**9
CENT = NANO // 100

_MICROSECOND = timedelta(microseconds=1)
# Picodollars per second times microseconds, counted in nanodollars.
_PICO_MICROS_PER_NANO = 10**9


def microseconds(span: timedelta) -> int:
    return span // _MICROSECOND


def amount_nano(rate_pico_per_second: int, span: timedelta | int) -> int:
    """What a rate costs over a span (a bare int is microseconds); rounded half to even, once."""
    micros = span if isinstance(span, int) else microseconds(span)
    return round_half_even(rate_pico_per_second * micros, _PICO_MICROS_PER_NANO)


def round_half_even(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest whole number; the denominator is positive."""
    whole, rest = divmod(numerator, denominator)
    past_half = 2 * rest - denominator
    return whole + (past_half > 0 or (past_half == 0 and whole % 2 == 1))


def rounded_alike(parts: Sequence[int], unit: int) -> list[int]:
    """Each a multiple of `unit`, and together their sum rounded: a table that adds up.

    Those with the largest remainders are rounded up; none is off by as much as a unit.
    """
    whole = [part // unit for part in parts]
    missing = round_half_even(sum(parts), unit) - sum(whole)
    by_rest = sorted(range(len(parts)), key=lambda n: -(parts[n] % unit))
    for n in by_rest[:missing]:
        whole[n] += 1
    return [count * unit for count in whole]


def dollars(nano: int, places: int = 2) -> str:
    """For people: `1,234.50`, with a true minus sign, and never a minus before nothing."""
    units = round_half_even(nano * 10**places, NANO)
    whole, rest = divmod(abs(units), 10**places)
    sign = "−" if units < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{places}d}" if places else "")


def exact_dollars(nano: int) -> Decimal:
    return Decimal(f"{nano}e-9")


def csv_dollars(nano: int) -> str:
    """For files: all nine places, so that a column adds up to exactly what we hold."""
    return format(exact_dollars(nano), "f")
