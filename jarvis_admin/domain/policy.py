"""What a scenario changes: how machines sleep, what they are made of, what is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class Policy:
    """None: as it was."""

    idle_minutes: int | None = None
    sleeps: str | None = None  # suspend, stop
    size: str | None = None
    region: str | None = None
    volume_gb: int | None = None
    snapshot_days: int | None = None
    pool_size: int | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{one.name: data.get(one.name) for one in fields(cls)})

    def to_json(self) -> dict[str, Any]:
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in found.items() if value is not None}
