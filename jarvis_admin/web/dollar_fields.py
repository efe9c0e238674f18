"""Dollars and dates as people type them into a form."""

import re
from datetime import datetime, timedelta

from flask import request

from jarvis_admin.domain.money import NANO, csv_dollars
from jarvis_admin.errors import Invalid

_WRITTEN = re.compile(r"\$?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,10})(?:\.([0-9]{1,2}))?")


def read(written: str, what: str) -> int:
    """Nanodollars of `1,250` or `$99.50`; Invalid names `what` was to be filled in."""
    found = _WRITTEN.fullmatch(written.strip())
    if found is None:
        raise Invalid(f"{what} is an amount in dollars, like 250 or 99.50.")
    cents = (found[2] or "").ljust(2, "0")
    return (int(found[1].replace(",", "")) * 100 + int(cents)) * (NANO // 100)


def write(nano: int) -> str:
    """As it would be typed."""
    whole, _, rest = csv_dollars(nano).partition(".")
    cents = rest.rstrip("0")
    return f"{whole}.{cents.ljust(2, '0')}" if cents else whole


def snooze_end(now: datetime) -> datetime:
    """`days` of the form that was sent."""
    written = request.form.get("days", "")
    if not (written.isascii() and written.isdecimal() and len(written) <= 3):
        raise Invalid("Say for how many days, as a whole number.")
    return now + timedelta(days=int(written))


def reason() -> str:
    return request.form.get("reason", "").strip()


def owner_id() -> int | None:
    """`owner` of the form; empty for nobody."""
    written = request.form.get("owner", "")
    if not written:
        return None
    if not (written.isascii() and written.isdecimal() and len(written) <= 9):
        raise Invalid("The owner is chosen from the list.")
    return int(written)
