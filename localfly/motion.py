"""Moving a machine from state to state, one task per machine at a time."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress

from localfly.health import Health
from localfly.ids import now_ms
from localfly.state import Machine
from localfly.world import World

_log = logging.getLogger(__name__)


class Motion:
    def __init__(self, world: World, health: Health) -> None:
        self._world = world
        self._health = health
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def move(self, machine: Machine, state: str) -> None:
        """Record the machine in its new state; whoever waits for it wakes up."""
        machine.state = state
        self.touch(machine)
        self._health.follow(machine)

    def touch(self, machine: Machine) -> None:
        """Record any other change; the update instant never runs backwards."""
        machine.updated_ms = max(now_ms(), machine.updated_ms)
        self._world.save_machine(machine)

    def busy(self, machine: Machine) -> bool:
        return machine.id in self._tasks

    def begin(self, machine: Machine, steps: Coroutine[None, None, None]) -> None:
        """Run the steps in the background, instead of any that are still under way."""
        self.cancel(machine)
        task = asyncio.create_task(steps, name=f"machine {machine.id}")
        self._tasks[machine.id] = task
        task.add_done_callback(lambda done: self._finished(machine.id, done))

    def cancel(self, machine: Machine) -> None:
        task = self._tasks.pop(machine.id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task

    def _finished(self, machine_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(machine_id) is task:
            del self._tasks[machine_id]
        if not task.cancelled() and task.exception() is not None:
            _log.error("machine %s", machine_id, exc_info=task.exception())
