"""What a workspace's backups follow: when one is made, what is kept, how it is proven."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol


@dataclass(frozen=True)
class BackupPolicy:
    """The defaults are the house's: daily at three in the morning, where the user lives."""

    every_hours: int = 24  # 0: no archives
    at_minute: int = 180  # of the local day
    timezone: str | None = None  # None: of the home region
    quiet_from: int | None = None  # minutes of the local day between which nothing begins
    quiet_until: int | None = None
    keep_last: int = 3
    keep_daily: int = 7
    keep_weekly: int = 4
    keep_monthly: int = 6
    snapshot_days: int = 5
    undo_days: int = 7
    prove_days: int = 30


class Overrides(Protocol):
    """Anything with the policy's fields, of which those that are None inherit."""

    def __getattribute__(self, name: str, /) -> Any: ...


def resolve(overrides: Iterable[Overrides], house: BackupPolicy = BackupPolicy()) -> BackupPolicy:
    """The last one that says something counts: the plan's first, then the user's."""
    policy = house
    for one in overrides:
        said = {field.name: getattr(one, field.name) for field in fields(BackupPolicy)}
        policy = replace(policy, **{k: v for k, v in said.items() if v is not None})
    return policy
