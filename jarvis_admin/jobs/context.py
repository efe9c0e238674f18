"""What every operation and loop works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from jarvis_admin.config import Settings
from jarvis_admin.db import Sessions
from jarvis_admin.fly import FlyClient


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    settings: Settings
    sessions: Sessions
    fly: FlyClient
    clock: Callable[[], datetime] = utc_now
