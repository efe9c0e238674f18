"""Many elements of a vector into one for each group."""

from collections.abc import Callable, Sequence

from localfly.prometheus.matchers import Labels
from localfly.prometheus.nodes import Aggregate
from localfly.prometheus.vectors import Element, Vector, key_of, nameless


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": sum,
    "avg": _mean,
    "max": max,
    "min": min,
}


def aggregate(node: Aggregate, vector: Vector) -> Vector:
    groups: dict[tuple[tuple[str, str], ...], tuple[Labels, list[float]]] = {}
    for element in vector:
        labels = _kept(node, element.labels)
        _, values = groups.setdefault(key_of(labels), (labels, []))
        values.append(element.value)
    operation = AGGREGATES[node.operation]
    return [Element(labels, operation(values)) for labels, values in groups.values()]


def _kept(node: Aggregate, labels: Labels) -> Labels:
    if node.without:
        rest = nameless(labels)
        return {name: value for name, value in rest.items() if name not in node.labels}
    return {name: labels[name] for name in node.labels if name in labels}
