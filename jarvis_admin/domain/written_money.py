"""Dollars as people and files write them, read exactly; and written with their sign."""

import re
from decimal import Decimal

from jarvis_admin.domain.money import NANO, csv_dollars, dollars
from jarvis_admin.errors import Invalid

_WRITTEN = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,12})?|\.\d{1,12}")


def read_nano(written: str) -> int:
    """`1,234.50`, `$3`, `−0.1`, `(12.30)` in nanodollars; Invalid for anything else.

    More than nine decimals are rounded half to even, as amounts everywhere.
    """
    return round(read_decimal(written) * NANO)


def read_decimal(written: str) -> Decimal:
    text = written.strip().replace("\u2212", "-").replace("\u00a0", "")
    negative = text.startswith("(") and text.endswith(")")
    text = text[1:-1].strip() if negative else text
    text = text.removesuffix("USD").removeprefix("US").strip()
    if text.startswith("-"):
        negative, text = not negative, text[1:].strip()
    text = text.removeprefix("$").strip()
    if text.startswith("-") and not negative:
        negative, text = True, text[1:]
    if not _WRITTEN.fullmatch(text):
        raise Invalid(f"“{written[:30]}” is not an amount; write it like 12.50.")
    value = Decimal(text.replace(",", ""))
    return -value if negative else value


def usd(nano: int, places: int = 2) -> str:
    """For sentences: `−$42.75`, the sign before the dollar."""
    return signed(dollars(nano, places))


def exact_usd(nano: int) -> str:
    """All nine places, for people: `−$0.000000026`."""
    return signed(csv_dollars(nano))


def signed(written: str) -> str:
    """An amount that is written already, with its dollar behind its sign."""
    return f"\u2212${written[1:]}" if written.startswith(("\u2212", "-")) else f"${written}"
