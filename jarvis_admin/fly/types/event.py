"""Events: what happened to a machine and when, in all the forms Fly has written them."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from jarvis_admin.fly.types.record import Record, instant


class Exit(Record, frozen=True):
    """How the program of a machine ended."""

    requested_stop: bool = False
    restarting: bool = False
    oom_killed: bool = False
    exit_code: int = 0
    guest_exit_code: int = 0
    signal: int = -1
    guest_signal: int = -1
    error: str = ""
    guest_error: str = ""
    exited: int | float | str | None = msgspec.field(name="exited_at", default=None)

    @property
    def exited_at(self) -> datetime | None:
        return instant(self.exited)


class Event(Record, frozen=True):
    """One event; a machine keeps about the last twenty, newest first."""

    id: str
    kind: str = msgspec.field(name="type", default="")
    status: str = ""
    source: str = ""
    timestamp: int | float | str = 0
    request: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """When it happened, in UTC: an exit's own time where told, else the event's."""
        ended = self.exit.exited_at if self.exit else None
        return ended or instant(self.timestamp) or datetime.fromtimestamp(0, UTC)

    @property
    def exit(self) -> Exit | None:
        """Present on exit events. Older ones nest it under `MonitorEvent`."""
        outer = self.request.get("MonitorEvent") or self.request
        found = outer.get("exit_event")
        return msgspec.convert(found, Exit) if found else None

    @property
    def restart_count(self) -> int:
        return int(self.request.get("restart_count") or 0)
