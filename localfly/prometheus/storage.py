"""All stored series, by metric and labels."""

from collections.abc import Iterator, Sequence

from localfly.prometheus.matchers import NAME, Labels, Matcher, accepted, wanted
from localfly.prometheus.series import Series, Stored

Key = tuple[tuple[str, str], ...]


class Storage:
    def __init__(self) -> None:
        self._metrics: dict[str, dict[Key, Stored]] = {}

    def series(self, metric: str, labels: Labels) -> Stored:
        """Made when it is first asked for. `labels` are without the metric's name."""
        of_metric = self._metrics.setdefault(metric, {})
        key = _key(labels)
        if key not in of_metric:
            of_metric[key] = Stored({NAME: metric, **labels})
        return of_metric[key]

    def known(self, metric: str, labels: Labels) -> Stored | None:
        return self._metrics.get(metric, {}).get(_key(labels))

    def select(self, matchers: Sequence[Matcher]) -> Iterator[Series]:
        name = wanted(matchers, NAME)
        metrics = self._metrics.values() if name is None else [self._metrics.get(name, {})]
        for of_metric in metrics:
            for series in of_metric.values():
                if accepted(series.labels, matchers):
                    yield series

    def forget_expired(self, now: float) -> None:
        for of_metric in self._metrics.values():
            for key in [key for key, series in of_metric.items() if series.expired(now)]:
                del of_metric[key]


def _key(labels: Labels) -> Key:
    return tuple(sorted(labels.items()))
