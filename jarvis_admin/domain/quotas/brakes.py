"""How far the use has come against the limits, and how hard the brake takes hold.

    80 %  warn
    90 %  suspended after half of the plan's idle time
    95 %  suspended the next time it is idle
   100 %  asleep, it is not woken any more
   100 %  and what the plan lets it overrun: suspended at once

Only what is counted by the month slows or suspends a machine. Too many wakes in a day refuse the
next wake; they end nobody's work. How far a plan lets the brakes go is its mode.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from jarvis_admin.domain.quotas.kinds import UNITS, Kind
from jarvis_admin.domain.quotas.limits import Limit


class Level(StrEnum):
    NONE = "none"
    WARN = "warn"
    SHORTER_IDLE = "shorter_idle"
    AT_IDLE = "at_idle"
    REFUSE_WAKES = "refuse_wakes"
    SUSPEND_NOW = "suspend_now"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    @property
    def refuses_wakes(self) -> bool:
        return self.rank >= Level.REFUSE_WAKES.rank


class Mode(StrEnum):
    """How far the brakes of a plan may go."""

    WARN = "warn"  # nothing but a warning
    GENTLE = "gentle"  # never in the middle of somebody's work
    FULL = "full"


_RANKS = {level: rank for rank, level in enumerate(Level)}
_FROM_PERMILLE = ((950, Level.AT_IDLE), (900, Level.SHORTER_IDLE), (800, Level.WARN))
_FARTHEST = {
    Mode.WARN: Level.WARN,
    Mode.GENTLE: Level.REFUSE_WAKES,
    Mode.FULL: Level.SUSPEND_NOW,
}
# What grows by the second; the others are looked at when somebody asks for more.
BY_MONTH = (Kind.DOLLARS, Kind.RUNNING)
BRAKED = (*BY_MONTH, Kind.WAKES)

_SHORTEST_IDLE = timedelta(minutes=5)


@dataclass(frozen=True)
class Policy:
    mode: Mode = Mode.FULL
    overrun_percent: int = 0
    idle: timedelta = timedelta(minutes=30)


@dataclass(frozen=True)
class Standing:
    """One kind: how much of its limit is used, and what that brings about."""

    kind: Kind
    level: Level
    used: int
    limit: int
    overshoot: int  # past the point where the machine had to sleep

    @property
    def permille(self) -> int:
        return 1000 * self.used // self.limit if self.limit else 1000 + 1000 * bool(self.used)


def standing(kind: Kind, used: int, limit: int, policy: Policy) -> Standing:
    line = limit + limit * policy.overrun_percent // 100
    level = _level(kind, used, limit, line)
    farthest = _FARTHEST[policy.mode]
    level = min(level, farthest, key=lambda one: one.rank)
    return Standing(kind, level, used, limit, max(used - line, 0) if kind in BY_MONTH else 0)


def worst(
    limits: Mapping[Kind, Limit], usage: Mapping[Kind, int], policy: Policy
) -> Standing | None:
    """What the brake is about; None: nothing is limited."""
    found = [
        standing(kind, usage.get(kind, 0), limit, policy)
        for kind in BRAKED
        if (limit := limits[kind].amount) is not None
    ]
    return max(found, key=lambda one: (one.level.rank, one.permille), default=None)


def idle_allowance(level: Level, kind: Kind, idle: timedelta) -> timedelta | None:
    """After how long without a sign of life the brake suspends; None: it does not look."""
    if UNITS[kind].period != "month" or level.rank < Level.SHORTER_IDLE.rank:
        return None
    if level is Level.SHORTER_IDLE:
        return max(idle / 2, _SHORTEST_IDLE)
    return min(idle, _SHORTEST_IDLE)


def _level(kind: Kind, used: int, limit: int, line: int) -> Level:
    monthly = kind in BY_MONTH
    if used >= limit:
        return Level.SUSPEND_NOW if monthly and used >= line else Level.REFUSE_WAKES
    if not monthly:
        return Level.WARN if used * 1000 >= limit * 800 else Level.NONE
    for permille, level in _FROM_PERMILLE:
        if used * 1000 >= limit * permille:
            return level
    return Level.NONE
