"""One time series: labels, and samples for fifteen days in bounded memory.

The last hour is kept as it was taken; of what is older, the last sample of every two minutes;
after fifteen days, nothing. That is at most 10,800 old samples, 170 kB, a series.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from localfly.prometheus.matchers import Labels

RETENTION = 15 * 86_400.0  # seconds, as all times here
_IN_FULL = 3600.0
_BUCKET = 120.0
_TIDY_EVERY = 1800.0


class Sample(NamedTuple):
    at: float
    value: float


class Series(Protocol):
    """What a query needs of a series; spans are open at the start and closed at the end."""

    @property
    def labels(self) -> Labels: ...

    def latest(self, after: float, until: float) -> Sample | None: ...

    def between(self, after: float, until: float) -> list[Sample]: ...


class Stored:
    """A series whose samples were taken, or set, one by one."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._times = array("d")
        self._values = array("d")
        self._tidied = 0.0

    @property
    def labels(self) -> Labels:
        return self._labels

    def append(self, at: float, value: float) -> None:
        """Time does not run backwards: a sample that is not newer than the last is dropped."""
        if self._times and at <= self._times[-1]:
            return
        self._times.append(at)
        self._values.append(value)
        if at - self._tidied > _TIDY_EVERY:
            self._tidy(at)

    def replace(self, samples: Iterable[tuple[float, float]]) -> None:
        """Exactly these, whatever their spacing; a later one at the same time wins."""
        ordered = sorted(dict(samples).items())
        self._times = array("d", (at for at, _ in ordered))
        self._values = array("d", (value for _, value in ordered))
        self._tidied = ordered[-1][0] if ordered else 0.0

    def latest(self, after: float, until: float) -> Sample | None:
        index = bisect_right(self._times, until) - 1
        if index < 0 or self._times[index] <= after:
            return None
        return Sample(self._times[index], self._values[index])

    def between(self, after: float, until: float) -> list[Sample]:
        low, high = bisect_right(self._times, after), bisect_right(self._times, until)
        return [Sample(self._times[index], self._values[index]) for index in range(low, high)]

    def expired(self, now: float) -> bool:
        return not self._times or self._times[-1] <= now - RETENTION

    def _tidy(self, now: float) -> None:
        self._tidied = now
        start = bisect_right(self._times, now - RETENTION)
        full = bisect_right(self._times, now - _IN_FULL)
        kept = [
            index
            for index in range(start, full)
            if index + 1 == full or self._bucket(index) != self._bucket(index + 1)
        ]
        kept += range(full, len(self._times))
        self._values = array("d", (self._values[index] for index in kept))
        self._times = array("d", (self._times[index] for index in kept))

    def _bucket(self, index: int) -> float:
        return self._times[index] // _BUCKET
