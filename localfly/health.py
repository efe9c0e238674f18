"""What the health checks of the machines say.

Results live in memory only. They are nobody's activity: no event tells of them, the
machine's `updated_at` does not move, and no result ever stops or restarts a machine.
"""

import asyncio
import time
from dataclasses import dataclass

from localfly.checks import Check, checks_of
from localfly.hosts import Host
from localfly.ids import now_ms, rfc3339
from localfly.probes import Finding, probe
from localfly.state import Machine

_EAGER_PAUSE = 0.2  # between two probes until the first passes ...
_EAGER_FOR = 60.0  # ... but a machine that never gets well is left to its interval


@dataclass
class Result:
    status: str
    output: str
    since_ms: int  # the last change of the status

    def take(self, status: str, output: str) -> None:
        if status != self.status:
            self.status, self.since_ms = status, now_ms()
        self.output = output


class Health:
    def __init__(self, host: Host, *, simulated: bool) -> None:
        self._host = host
        self._simulated = simulated
        self._results: dict[str, dict[str, Result]] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}

    def follow(self, machine: Machine) -> None:
        """The machine has changed its state: it is probed while started, and only then."""
        for task in self._tasks.pop(machine.id, ()):
            task.cancel()
        self._results.pop(machine.id, None)
        guest = self._host.guest(machine)
        if machine.state == "started" and guest is not None:
            checks = checks_of(machine.config)
            results = {check.name: _unknown() for check in checks}
            self._results[machine.id] = results
            self._tasks[machine.id] = [
                asyncio.create_task(_watch(check, guest.port, results[check.name]))
                for check in checks
            ]

    def rows(self, machine: Machine) -> list[dict[str, str]]:
        """As Fly shows them: a machine that does not run only has warnings."""
        known = self._results.get(machine.id, {})
        return [
            _row(check.name, known.get(check.name) or self._unprobed(machine))
            for check in checks_of(machine.config)
        ]

    async def close(self) -> None:
        tasks = [task for tasks in self._tasks.values() for task in tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _unprobed(self, machine: Machine) -> Result:
        """Since its newest event; on paper, what runs is well."""
        since = machine.events[0].timestamp if machine.events else machine.updated_ms
        if machine.state != "started":
            return Result("warning", "the machine hasn't started", since)
        return Result("passing", "", since) if self._simulated else _unknown()


async def _watch(check: Check, port: int, result: Result) -> None:
    began, passed = time.monotonic(), False
    while True:
        finding = await probe(check, port)
        age = time.monotonic() - began
        passed = passed or finding.passed
        result.take(_status(finding, in_grace=not passed and age < check.grace), finding.output)
        eager = not passed and age < _EAGER_FOR
        await asyncio.sleep(min(_EAGER_PAUSE, check.interval) if eager else check.interval)


def _status(finding: Finding, *, in_grace: bool) -> str:
    if finding.passed:
        return "passing"
    return "warning" if in_grace else "critical"


def _unknown() -> Result:
    return Result("warning", "waiting for status update", now_ms())


def _row(name: str, result: Result) -> dict[str, str]:
    return {
        "name": name,
        "status": result.status,
        "output": result.output,
        "updated_at": rfc3339(result.since_ms),
    }
