"""From what a machine's processes use to the counters and gauges that Fly shows."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from localfly.measuring.processes import Usage
from localfly.measuring.readings import (
    CPU,
    LOAD,
    LOAD_MINUTES,
    MEMORY,
    MEMORY_LEFT,
    MODES,
    Reading,
    Shape,
)
from localfly.prometheus.matchers import Labels


@dataclass
class Meter:
    """One boot of a machine. Counters never fall, even when a process takes its share along."""

    pid: int
    user: float = 0.0  # centiseconds, as are `system` and `idle`
    system: float = 0.0
    idle: float = 0.0
    loads: dict[int, float] = field(default_factory=lambda: dict.fromkeys(LOAD_MINUTES, 0.0))
    taken_at: float | None = None  # None while it is suspended: its clock stands still

    def pause(self) -> None:
        self.taken_at = None

    def take(self, usage: Usage, cpus: int, at: float) -> None:
        """`at` in seconds of a clock that never jumps."""
        busy = -(self.user + self.system)
        self.user, self.system = max(self.user, usage.user), max(self.system, usage.system)
        busy += self.user + self.system
        if self.taken_at is not None:
            passed = at - self.taken_at
            self.idle += max(100 * passed * cpus - busy, 0)
            for minutes, load in self.loads.items():
                fade = math.exp(-passed / (60 * minutes))
                self.loads[minutes] = load * fade + usage.runnable * (1 - fade)
        self.taken_at = at

    def readings(self, labels: Labels, usage: Usage, shape: Shape) -> Iterator[Reading]:
        """The machine's CPU time in equal parts: which CPU of ours it ran on says nothing."""
        for mode, spent in zip(MODES, (self.user, self.system, self.idle), strict=True):
            for cpu in range(shape.cpus):
                own = {**labels, "cpu_id": str(cpu), "mode": mode}
                yield Reading(CPU, own, spent / shape.cpus)
        for minutes, load in self.loads.items():
            yield Reading(LOAD, {**labels, "minutes": str(minutes)}, round(load, 4))
        yield Reading(MEMORY, labels, shape.memory)
        yield Reading(MEMORY_LEFT, labels, max(shape.memory - usage.memory, 0))
