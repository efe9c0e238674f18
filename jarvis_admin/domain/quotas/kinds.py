"""What is limited: its unit, how it reads, and how it is typed into a form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from jarvis_admin.domain.money import NANO, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.size import memory_label
from jarvis_admin.domain.written_money import read_decimal
from jarvis_admin.errors import Invalid

_DECIMAL_COMMA = re.compile(r"\d{1,9},\d{1,6}")
_HOUR = 3600
_LARGEST = 10**9  # of the unit a person types


class Kind(StrEnum):
    RUNNING = "running"  # seconds a month in which the machine is billed as running
    DOLLARS = "dollars"  # nanodollars a month, all components
    WAKES = "wakes"  # starts a day
    STORAGE = "storage"  # gigabytes of volumes
    MEMORY = "memory"  # megabytes of the machine: its size
    BACKUPS = "backups"  # snapshots kept


@dataclass(frozen=True)
class Unit:
    title: str
    noun: str  # "15 of 15 running hours"
    typed: str  # what a person types it in
    factor: int  # stored units in one typed
    period: str  # "month", "day", or empty for what simply is

    @property
    def label(self) -> str:
        """Of a field that it is typed into."""
        said = self.typed not in self.title.lower()
        return f"{self.title}, {self.typed}" if said else self.title


UNITS: Mapping[Kind, Unit] = {
    Kind.RUNNING: Unit("Running hours", "running hours", "hours", _HOUR, "month"),
    Kind.DOLLARS: Unit("Spend", "dollars", "US dollars", NANO, "month"),
    Kind.WAKES: Unit("Wakes", "wakes", "wakes", 1, "day"),
    Kind.STORAGE: Unit("Storage", "GB of storage", "GB", 1, ""),
    Kind.MEMORY: Unit("Machine size", "memory of the machine", "GB of memory", 1024, ""),
    Kind.BACKUPS: Unit("Backups", "backups", "backups", 1, ""),
}


def written(kind: Kind | str, amount: int) -> str:
    """`12.5 h`, `$4.20`, `10 GB`, `512 MB`, `3`; a kind may come from a row, as text."""
    kind = Kind(kind)
    if kind is Kind.RUNNING:
        return f"{_trimmed(Decimal(amount) / _HOUR, 1)} h"
    if kind is Kind.DOLLARS:
        return f"${dollars(amount)}"
    if kind is Kind.STORAGE:
        return f"{amount} GB"
    return memory_label(amount) if kind is Kind.MEMORY else f"{amount:,}"


def typed(kind: Kind, amount: int) -> str:
    """As a form shows it, and `read` takes it back."""
    return _trimmed(Decimal(amount) / UNITS[kind].factor, 6).replace(",", "")


def read(kind: Kind, text: str) -> int:
    """What somebody typed, in stored units; Invalid says what can be typed."""
    unit = UNITS[kind]
    try:
        amount = read_decimal(text)
    except Invalid:
        amount = Decimal(-1)
    if not 0 <= amount <= _LARGEST:
        said = f"{unit.title}: “{text[:20]}” is not a number of {unit.typed}, 0 or more"
        raise Invalid(f"{said}{_with_a_point(text)}.")
    stored = amount * unit.factor
    if stored != stored.to_integral_value():
        raise Invalid(f"{unit.title}: “{text[:20]}” is too fine; use fewer decimal places.")
    return int(stored)


def _with_a_point(text: str) -> str:
    """How a number with a comma in the wrong place is written."""
    if _DECIMAL_COMMA.fullmatch(text.strip().removeprefix("$")):
        return f"; write {text.strip().replace(',', '.')}"
    return "; write it like 1,000.5" if "," in text else ""


def period_start(kind: Kind, now: datetime) -> datetime:
    """Since when the use counts; of what has no period: now."""
    if UNITS[kind].period == "month":
        return Month.of(now).start
    return _midnight(now) if UNITS[kind].period == "day" else now


def period_end(kind: Kind, now: datetime) -> datetime | None:
    """When counting begins anew; None: never."""
    if UNITS[kind].period == "month":
        return Month.of(now).end
    return _midnight(now) + timedelta(days=1) if UNITS[kind].period == "day" else None


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.date(), time(), now.tzinfo)


def _trimmed(number: Decimal, places: int) -> str:
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
