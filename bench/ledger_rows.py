"""What a ledger is filled with: plans, groups, and days of a workspace with their prices."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from bench import rows
from jarvis_admin.domain.metering import rate_of
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.pricing import Component, PriceBook

_DAY = timedelta(days=1)
_NO_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_ROOTFS = "2048 MB"
_NO_TIME = timedelta()
_HOURS = ((1, 36_000_000), (40_000_000, 86_000_000))  # milliseconds: woken up, put to sleep
_MACHINE = (
    (Component.ROOTFS, "stopped"),
    (Component.COMPUTE, "started"),
    (Component.ROOTFS, "stopped"),
)
_GROUPS = ("", "acme", "globex", "initech", "umbrella")
PATTERNS = 97  # days that differ by when the machine ran


@dataclass(frozen=True)
class PlanRow:
    id: int
    key: str
    size: str
    volume_gb: int


PLANS = (
    PlanRow(1, "pro", rows.SIZE, 10),
    PlanRow(2, "free", "shared-cpu-1x:512MB", 1),
    PlanRow(3, "basic", "shared-cpu-1x:1024MB", 3),
    PlanRow(4, "max", "performance-1x:4096MB", 50),
)


def plan(n: int) -> PlanRow:
    """Plans, groups and regions mix: every combination is there among a few hundred people."""
    return PLANS[n // len(rows.REGIONS) % len(PLANS)]


def group(n: int) -> str:
    return _GROUPS[n // len(rows.REGIONS) // len(PLANS) % len(_GROUPS)]


def pieces(book: PriceBook) -> Iterator[dict[str, Any]]:
    """Of every plan and region the days there are: four closed intervals each, midnight to
    midnight, clock times as SQLite writes them."""
    for pattern, (woke, slept) in enumerate(_running()):
        stretches = [
            *zip(pairwise((_NO_TIME, woke, slept, _DAY)), _MACHINE, strict=True),
            ((_NO_TIME, _DAY), (Component.VOLUME, "created")),
        ]
        for kind in PLANS:
            for region in rows.REGIONS:
                for (start, end), (component, state) in stretches:
                    size = size_of(kind, component)
                    rate = rate_of(component, size, region)(book)
                    yield {
                        "plan_id": kind.id,
                        "region": region,
                        "pattern": pattern,
                        "component": component,
                        "state": state,
                        "size": size,
                        "start_clock": _clock(start),
                        "end_clock": _clock(end),
                        "to_midnight": int(end == _DAY),
                        "rate_pico": rate,
                        "amount_nano": amount_nano(rate, end - start),
                    }


def size_of(kind: PlanRow, component: Component) -> str:
    """As an interval names it."""
    sizes = {Component.COMPUTE: kind.size, Component.ROOTFS: _ROOTFS}
    return sizes.get(component, f"{kind.volume_gb} GB")


def _running() -> Sequence[tuple[timedelta, ...]]:
    """From when to when the machine ran, to the millisecond as Fly's events tell it."""
    rng = random.Random(PATTERNS)
    milliseconds = timedelta(milliseconds=1)
    return [
        tuple(rng.randrange(*hours) * milliseconds for hours in _HOURS) for _ in range(PATTERNS)
    ]


def _clock(at: timedelta) -> str:
    return f"{_NO_DAY + at:%H:%M:%S.%f}"
