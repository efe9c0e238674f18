"""What Fly's Prometheus answers: labelled series of values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Point(NamedTuple):
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """`labels` hold the metric's name as `__name__`, unless something was computed from it.

    The points are in the order of time; an instant has one.
    """

    labels: Mapping[str, str]
    points: tuple[Point, ...]

    @property
    def last(self) -> float:
        return self.points[-1].value


@dataclass(frozen=True, slots=True)
class VolumeUse:
    size_bytes: int
    used_percent: float  # 0 to 100, of the thin volume

    @property
    def used_bytes(self) -> int:
        return round(self.size_bytes * self.used_percent / 100)
