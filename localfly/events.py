"""The event log of a machine, in Fly's shapes."""

from dataclasses import dataclass
from typing import Any

from localfly.ids import now_ms, rfc3339_ms, ulid
from localfly.state import EVENTS_KEPT, Event, Machine


@dataclass(frozen=True)
class Exit:
    """How a machine's main process ended; `signal` is -1 when none killed it."""

    code: int = 0
    signal: int = -1
    oom_killed: bool = False

    @classmethod
    def from_returncode(cls, returncode: int) -> "Exit":
        """Python says -9 where a shell says 137."""
        return cls(returncode) if returncode >= 0 else cls(128 - returncode, -returncode)


def record(
    machine: Machine, type_: str, status: str, source: str, request: dict[str, Any] | None = None
) -> None:
    event = Event(ulid(), type_, status, source, now_ms(), request)
    machine.events = [event, *machine.events[: EVENTS_KEPT - 1]]


def record_exit(
    machine: Machine, exit_: Exit, *, requested: bool, restarting: bool = False, restarts: int = 0
) -> None:
    exit_event = {
        "requested_stop": requested,
        "restarting": restarting,
        "guest_exit_code": exit_.code,
        "guest_signal": exit_.signal,
        "guest_error": "",
        "exit_code": exit_.code,
        "signal": -1,
        "error": "",
        "oom_killed": exit_.oom_killed,
        "exited_at": rfc3339_ms(now_ms()),
    }
    request = {"exit_event": exit_event, "restart_count": restarts}
    record(machine, "exit", "stopped", "flyd", request)
