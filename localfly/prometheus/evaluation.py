"""What a parsed query comes to, at an instant or over a range."""

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

from localfly.prometheus.aggregates import aggregate
from localfly.prometheus.matchers import Matcher
from localfly.prometheus.nodes import Aggregate, Binary, Node, Number, Rollup, Selector
from localfly.prometheus.rollups import KEEPS_NAME, LOOKBACK, ROLLUPS
from localfly.prometheus.series import Series
from localfly.prometheus.vectors import Element, Value, Vector, distinct, nameless


class Source(Protocol):
    def select(self, matchers: Sequence[Matcher]) -> Iterable[Series]: ...


class Chosen:
    """A source that looks each selector up once, however many steps ask."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[Sequence[Matcher], list[Series]] = {}

    def select(self, matchers: Sequence[Matcher]) -> list[Series]:
        if matchers not in self._found:
            self._found[matchers] = list(self._source.select(matchers))
        return self._found[matchers]


def evaluate(node: Node, source: Source, at: float) -> Value:
    """Not for a range vector on its own: that has no value at an instant."""
    match node:
        case Number(value):
            return value
        case Selector():
            return _instant(node, source, at)
        case Rollup():
            return _rolled_up(node, source, at)
        case Aggregate():
            return aggregate(node, _vector(evaluate(node.argument, source, at)))
        case Binary():
            return _combined(node, source, at)


def _instant(node: Selector, source: Source, at: float) -> Vector:
    until = at - node.offset
    found = (
        (series.labels, series.latest(until - LOOKBACK, until))
        for series in source.select(node.matchers)
    )
    return [Element(labels, sample.value) for labels, sample in found if sample is not None]


def _rolled_up(node: Rollup, source: Source, at: float) -> Vector:
    function, selector = ROLLUPS[node.function], node.argument
    keeps_name = node.function in KEEPS_NAME
    end = at - selector.offset
    start = end - (selector.window or 0.0)
    vector: Vector = []
    for series in source.select(selector.matchers):
        value = function(series, start, end)
        if value is not None:
            labels = series.labels if keeps_name else nameless(series.labels)
            vector.append(Element(labels, value))
    return vector if keeps_name else distinct(vector)


def _combined(node: Binary, source: Source, at: float) -> Value:
    """The parser has seen to it that at least one side is a number."""
    left, right = evaluate(node.left, source, at), evaluate(node.right, source, at)
    if isinstance(left, float):
        if isinstance(right, float):
            return _computed(node.sign, left, right)
        pairs = [(one.labels, left, one.value) for one in right]
    else:
        pairs = [(one.labels, one.value, _number(right)) for one in left]
    return distinct(
        [Element(nameless(labels), _computed(node.sign, a, b)) for labels, a, b in pairs]
    )


def _vector(value: Value) -> Vector:
    assert isinstance(value, list)
    return value


def _number(value: Value) -> float:
    assert isinstance(value, float)
    return value


def _computed(sign: str, left: float, right: float) -> float:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if right != 0:
        return left / right
    return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
