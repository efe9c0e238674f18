"""The state ribbon as an SVG is told: rectangles in hours, and the sums beside it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from jarvis_admin.services.timeline import StateSpan
from jarvis_admin.web.filters import span
from jarvis_admin.web.machine_rows import look

DAYS = 30
_UNITS_PER_HOUR = 2
WIDTH = DAYS * 24 * _UNITS_PER_HOUR
_HEIGHT = 16
_TALL = {"suspended": 4, "stopped": 1, "off": 0}


@dataclass(frozen=True)
class Bar:
    state: str
    x: str
    y: int
    width: str
    height: int


@dataclass(frozen=True)
class Ribbon:
    bars: list[Bar]
    midnights: list[str]
    dates: list[str]
    sums: list[tuple[str, str, str]]  # data-state, word, how long
    wakes: int
    label: str


def draw(spans: Sequence[StateSpan], since: datetime, now: datetime) -> Ribbon:
    total: dict[str, timedelta] = defaultdict(timedelta)
    for each in spans:
        total[each.state] += each.end - each.start
    sums = [
        (look(state, ""), state.capitalize(), span(length))
        for state, length in sorted(total.items(), key=lambda item: item[1], reverse=True)
    ]
    said = ", ".join(f"{word.lower()} {length}" for _, word, length in sums) or "nothing recorded"
    return Ribbon(
        bars=[_bar(each, since) for each in spans if _TALL.get(look(each.state, ""), 1)],
        midnights=[_x(midnight, since) for midnight in _midnights(since, now)],
        dates=[f"{day.day} {day:%b}" for day in _dates(since, now)],
        sums=sums[:3],
        wakes=_wakes(spans),
        label=f"Last {DAYS} days: {said}",
    )


def _bar(each: StateSpan, since: datetime) -> Bar:
    shown = look(each.state, "")
    height = _TALL.get(shown, _HEIGHT)
    # A start of seconds must still be seen.
    width = max((each.end - each.start) / timedelta(hours=1) * _UNITS_PER_HOUR, 0.6)
    return Bar(shown, _x(each.start, since), _HEIGHT - height, f"{width:.1f}", height)


def _wakes(spans: Sequence[StateSpan]) -> int:
    return sum(
        1
        for before, after in pairwise(spans)
        if after.state == "started" and before.state != "started"
    )


def _x(instant: datetime, since: datetime) -> str:
    return f"{(instant - since) / timedelta(hours=1) * _UNITS_PER_HOUR:.1f}"


def _midnights(since: datetime, now: datetime) -> list[datetime]:
    first = since.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return [first + timedelta(days=n) for n in range((now - first).days + 1)]


def _dates(since: datetime, now: datetime) -> list[datetime]:
    return [since + (now - since) * part / 5 for part in range(6)]
