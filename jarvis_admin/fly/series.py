"""Prometheus's answers, turned into our series."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from jarvis_admin.fly.types.record import Record
from jarvis_admin.fly.types.series import Point, Series

_Pair = tuple[float, str]  # Unix seconds, and a number as text: "NaN" and "+Inf" are numbers too


class _Row(Record, frozen=True):
    metric: dict[str, str]
    value: _Pair | None = None
    values: tuple[_Pair, ...] = ()


class _Data(Record, frozen=True, rename={"kind": "resultType"}):
    kind: str
    result: msgspec.Raw


class _Envelope(Record, frozen=True):
    status: str
    data: _Data


_envelope = msgspec.json.Decoder(_Envelope)
_rows = msgspec.json.Decoder(tuple[_Row, ...])
_scalar = msgspec.json.Decoder(_Pair)


def read_series(body: bytes) -> tuple[Series, ...]:
    """A scalar is one series without labels. Raises DecodeError for what is no answer at all."""
    data = _envelope.decode(body).data
    if data.kind == "scalar":
        return (Series({}, (_point(_scalar.decode(data.result)),)),)
    if data.kind not in ("vector", "matrix"):
        raise msgspec.DecodeError(f"a result of kind {data.kind!r}")
    return tuple(_series(row) for row in _rows.decode(data.result))


def _series(row: _Row) -> Series:
    pairs = row.values if row.value is None else (row.value,)
    if not pairs:
        raise msgspec.DecodeError("a series without a value")
    return Series(row.metric, tuple(map(_point, pairs)))


def _point(pair: Any) -> Point:
    at, text = pair
    try:
        return Point(datetime.fromtimestamp(at, UTC), float(text))
    except (ValueError, OverflowError, OSError) as error:
        raise msgspec.DecodeError(f"a point that is none: {error}") from error
