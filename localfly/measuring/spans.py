"""When a machine was running, told by its events."""

from dataclasses import dataclass

from localfly.state import Event, Machine


@dataclass(frozen=True)
class Span:
    """Half-open, in seconds; `carried` is the running time of the same boot before a suspend."""

    start: float
    end: float | None
    carried: float = 0.0


def spans_of(machine: Machine) -> list[Span]:
    """Oldest first. A machine that came without events and is started runs since its update."""
    found: list[Span] = []
    running: float | None = None
    carried, asleep = 0.0, False
    for event in reversed(machine.events):
        at = event.timestamp / 1000
        if _begins(event):
            if running is None:
                running, carried = at, carried if asleep else 0.0
        elif _ends(event):
            asleep = event.type == "suspend"
            if running is not None:
                found.append(Span(running, at, carried))
                carried, running = carried + at - running, None
    changed = machine.updated_ms / 1000
    if machine.state == "started":
        since = changed if running is None else running
        found.append(Span(since, None, 0.0 if running is None else carried))
    elif running is not None:
        found.append(Span(running, changed, carried))
    return found


def _begins(event: Event) -> bool:
    return event.status == "started"


def _ends(event: Event) -> bool:
    return event.status not in ("started", "starting", "created", "pending")
