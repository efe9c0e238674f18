"""What every operation and loop works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.db import Sessions
from jarvis_admin.fly import FlyClient
from jarvis_admin.fly.metrics import MetricsClient
from jarvis_admin.models import Operation
from jarvis_admin.services.operations import Enqueue
from jarvis_admin.storage import ObjectStore


def utc_now() -> datetime:
    return datetime.now(UTC)


def _no_queue(_session: Session, operation: Operation) -> None:
    raise RuntimeError(f"{operation.id} was asked for where nothing carries it out")


@dataclass(frozen=True)
class Context:
    settings: Settings
    sessions: Sessions
    fly: FlyClient
    clock: Callable[[], datetime] = utc_now
    metrics: MetricsClient | None = None  # None: nothing reads counters
    store: ObjectStore | None = None  # None: nothing is archived
    enqueue: Enqueue = _no_queue  # for what a loop asks for
