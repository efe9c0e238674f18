"""Results in the JSON that Prometheus answers."""

import math
from collections.abc import Iterable
from typing import Any

from localfly.prometheus.errors import QueryError, bad_parameter, execution
from localfly.prometheus.evaluation import Chosen, Source, evaluate
from localfly.prometheus.matchers import Labels
from localfly.prometheus.nodes import Node, Selector, is_range
from localfly.prometheus.parser import parse
from localfly.prometheus.vectors import Element, Key, Value, key_of

_MOST_STEPS = 11_000
_MOST_SAMPLES = 2_000_000


def query(source: Source, text: str, at: float) -> dict[str, Any]:
    node = parse(text)
    if isinstance(node, Selector) and node.window is not None:
        until = at - node.offset
        rows = (
            (series.labels, series.between(until - node.window, until))
            for series in source.select(node.matchers)
        )
        return _data("matrix", [_line(labels, samples) for labels, samples in rows if samples])
    value = evaluate(node, source, at)
    if isinstance(value, float):
        return _data("scalar", _point(at, value))
    rows_ = [{"metric": one.labels, "value": _point(at, one.value)} for one in value]
    return _data("vector", rows_)


def query_range(source: Source, text: str, start: float, end: float, step: float) -> dict[str, Any]:
    """One value each step from the start to the end, both included."""
    node = parse(text)
    if is_range(node):
        raise bad_parameter(
            "query",
            "invalid expression type range vector for range query,"
            " must be Scalar or instant Vector",
        )
    if end < start:
        raise bad_parameter("end", "end timestamp must not be before start time")
    if (end - start) / step > _MOST_STEPS:
        raise QueryError(
            f"exceeded maximum resolution of {_MOST_STEPS:,} points per timeseries."
            " Try decreasing the query resolution (?step=XX)"
        )
    instants = [start + index * step for index in range(int((end - start) / step + 1e-9) + 1)]
    lines = _lines(node, Chosen(source), instants)
    return _data("matrix", [_line(labels, points) for labels, points in lines])


def success(data: object) -> dict[str, Any]:
    return {"status": "success", "data": data}


def _lines(
    node: Node, source: Source, instants: list[float]
) -> Iterable[tuple[Labels, list[tuple[float, float]]]]:
    lines: dict[Key, tuple[Labels, list[tuple[float, float]]]] = {}
    samples = 0
    for at in instants:
        vector = _elements(evaluate(node, source, at))
        samples += len(vector)
        if samples > _MOST_SAMPLES:
            raise execution("query processing would load too many samples into memory")
        for labels, value in vector:
            _, points = lines.setdefault(key_of(labels), (labels, []))
            points.append((at, value))
    return lines.values()


def _elements(value: Value) -> list[Element]:
    return [Element({}, value)] if isinstance(value, float) else value


def _data(kind: str, result: object) -> dict[str, Any]:
    return success({"resultType": kind, "result": result})


def _line(labels: Labels, samples: Iterable[tuple[float, float]]) -> dict[str, Any]:
    return {"metric": labels, "values": [_point(at, value) for at, value in samples]}


def _point(at: float, value: float) -> list[Any]:
    return [round(at, 3), _text(value)]


def _text(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if value.is_integer() and abs(value) < 1e17 else repr(value)
