"""JSON in and out: the one place that turns Fly's bytes into our types."""

from typing import Any, TypeVar

import msgspec

from jarvis_admin.fly.types import MachineConfig

T = TypeVar("T")

# What we must be able to write back exactly as it came, nulls included.
VERBATIM = frozenset(("config", "incomplete_config", "user_config"))


def encode(body: Any) -> bytes:
    return msgspec.json.encode(body)


def decode(body: bytes, kind: type[T], *, any_case: bool = False) -> T:
    """Raises msgspec.DecodeError or its child ValidationError.

    Go writes null for an empty list or a missing value: the default of the field stands in.
    Not strict, so that epoch seconds become a datetime. With `any_case`, `Region` is `region`.
    """
    value = _without_nulls(msgspec.json.decode(body))
    if any_case:
        value = _lower_keys(value)
    return msgspec.convert(value, kind, strict=False, dec_hook=_hook)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item if key in VERBATIM else _without_nulls(item)
        for key, item in value.items()
        if item is not None
    }


def _lower_keys(value: Any) -> Any:
    if isinstance(value, list):
        return [_lower_keys(item) for item in value]
    if isinstance(value, dict):
        return {key.lower(): _lower_keys(item) for key, item in value.items()}
    return value


def _hook(kind: type[Any], value: Any) -> Any:
    if kind is MachineConfig and isinstance(value, dict):
        return MachineConfig(value)
    raise NotImplementedError(f"{kind} is not on the wire")
