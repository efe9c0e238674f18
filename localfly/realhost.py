"""Machines as real processes."""

import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from localfly.boots import plan_boot
from localfly.errors import precondition
from localfly.events import Exit
from localfly.images import Images
from localfly.inside import Output, run_inside
from localfly.mounts import Disks
from localfly.process import Guest, Guests
from localfly.state import Machine
from localfly.world import World

OnExit = Callable[[str, Exit], None]


class RealHost:
    def __init__(
        self, world: World, images: Images, disks: Disks, state: Path, on_exit: OnExit
    ) -> None:
        self._world, self._images, self._disks, self._state = world, images, disks, state
        self._guests = Guests(on_exit)

    async def boot(self, machine: Machine) -> None:
        boot = plan_boot(machine, self._world, self._images, self._disks, self._state)
        await self._guests.start(machine.id, boot)

    async def stop(self, machine: Machine, number: int, patience: float) -> Exit:
        return await self._guests.stop(machine.id, number, patience)

    async def kill(self, machine: Machine) -> Exit:
        return await self._guests.kill(machine.id)

    def freeze(self, machine: Machine) -> None:
        self.signal(machine, signal.SIGSTOP)

    def thaw(self, machine: Machine) -> bool:
        self.signal(machine, signal.SIGCONT)
        return self.guest(machine) is not None

    def signal(self, machine: Machine, number: int) -> None:
        guest = self.guest(machine)
        if guest is not None:
            guest.signal(number)

    async def run(
        self, machine: Machine, command: list[str], stdin: bytes, timeout: float
    ) -> Output:
        guest = self.guest(machine)
        if guest is None:
            raise precondition("machine not running")
        return await run_inside(guest, command, stdin, timeout)

    def guest(self, machine: Machine) -> Guest | None:
        return self._guests.get(machine.id)

    def guests(self) -> Mapping[str, Guest]:
        return self._guests.all()

    def forget(self, machine: Machine) -> None:
        self._disks.remove_files(machine.id)

    async def close(self) -> None:
        await self._guests.close()
