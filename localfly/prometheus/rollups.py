"""Functions over the samples of a window.

`rate` and `increase` count as MetricsQL, which Fly runs, and not as Prometheus: nothing is
extrapolated, so that the increase of a byte counter is bytes, and the last sample before the
window, if no older than the lookback, is where the counting starts. A value lower than the one
before it is a counter that began again at 0.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from localfly.prometheus.series import Sample, Series

LOOKBACK = 300.0  # seconds: how long a series without new samples keeps its last value

Rollup = Callable[[Series, float, float], float | None]


def _increase(series: Series, start: float, end: float) -> float | None:
    samples = _counted(series, start, end)
    return None if len(samples) < 2 else _climbed(samples)


def _rate(series: Series, start: float, end: float) -> float | None:
    samples = _counted(series, start, end)
    if len(samples) < 2:
        return None
    return _climbed(samples) / (samples[-1].at - samples[0].at)


def _last(series: Series, start: float, end: float) -> float | None:
    sample = series.latest(start, end)
    return None if sample is None else sample.value


def _max(series: Series, start: float, end: float) -> float | None:
    return max((sample.value for sample in series.between(start, end)), default=None)


ROLLUPS: dict[str, Rollup] = {
    "rate": _rate,
    "increase": _increase,
    "last_over_time": _last,
    "max_over_time": _max,
}

KEEPS_NAME = frozenset({"last_over_time"})


def _counted(series: Series, start: float, end: float) -> list[Sample]:
    inside = series.between(start, end)
    before = series.latest(start - LOOKBACK, start) if inside else None
    return inside if before is None else [before, *inside]


def _climbed(samples: Sequence[Sample]) -> float:
    return sum(
        later.value - sooner.value if later.value >= sooner.value else later.value
        for sooner, later in pairwise(samples)
    )
