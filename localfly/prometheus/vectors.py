"""The value of an expression at one instant: a number, or a vector of labelled numbers."""

from typing import NamedTuple

from localfly.prometheus.errors import execution
from localfly.prometheus.matchers import NAME, Labels

Key = tuple[tuple[str, str], ...]


class Element(NamedTuple):
    labels: Labels
    value: float


Vector = list[Element]
Value = float | Vector


def nameless(labels: Labels) -> Labels:
    """What was computed from a metric is no longer that metric."""
    return {name: value for name, value in labels.items() if name != NAME}


def key_of(labels: Labels) -> Key:
    return tuple(sorted(labels.items()))


def distinct(vector: Vector) -> Vector:
    """Refuses two elements that nothing tells apart."""
    if len({key_of(element.labels) for element in vector}) != len(vector):
        raise execution("vector cannot contain metrics with the same labelset")
    return vector
