"""Our quantities in the unit of an invoice line, as far as the two can be compared."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from jarvis_admin.domain.pricing import Component

_TIMES = (
    (re.compile(r"month|\bmo\b"), 30 * 86_400),
    (re.compile(r"day"), 86_400),
    (re.compile(r"hour|\bhrs?\b|\bh\b"), 3600),
    (re.compile(r"min"), 60),
    (re.compile(r"sec|\bs\b"), 1),
)
_GIGABYTE = re.compile(r"\bg(i)?b")
# What `size` counts, by component: gigabytes in one.
_IN_A_GIGABYTE = {Component.VOLUME: 1, Component.ROOTFS: 1024, Component.SNAPSHOT: 10**9}
_MICROS = 10**6


class Used(Protocol):
    @property
    def component(self) -> str: ...
    @property
    def size(self) -> str: ...
    @property
    def micros(self) -> int: ...
    @property
    def sent_bytes(self) -> int: ...


def quantity(used: Iterable[Used], unit: str) -> Decimal | None:
    """None: the unit cannot be compared with what we count."""
    text = unit.lower().replace("_", " ").replace("-", " ")
    seconds = next((length for pattern, length in _TIMES if pattern.search(text)), None)
    gigabytes = bool(_GIGABYTE.search(text))
    total = Decimal(0)
    for one in used:
        if one.component == Component.EGRESS and gigabytes:
            total += Decimal(one.sent_bytes) / 10**9
        elif seconds is None:
            return None
        elif gigabytes:
            stored = _gigabytes(one.component, one.size)
            if stored is None:
                return None
            total += stored * one.micros / _MICROS / seconds
        else:
            total += Decimal(one.micros) / _MICROS / seconds
    return round(total, 3)


def _gigabytes(component: str, size: str) -> Decimal | None:
    known = {str(name): count for name, count in _IN_A_GIGABYTE.items()}
    written = size.partition(" ")[0]
    if component in known and not size:
        return Decimal(0)  # an allowance: money, no bytes
    if component not in known or not written.isdecimal():
        return None
    return Decimal(written) / known[component]
