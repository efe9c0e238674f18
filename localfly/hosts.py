"""Where machines run: what the rest of Local Fly asks of a host."""

from collections.abc import Mapping
from typing import Protocol

from localfly.events import Exit
from localfly.inside import Output
from localfly.process import Guest
from localfly.state import Machine


class Host(Protocol):
    async def boot(self, machine: Machine) -> None: ...

    async def stop(self, machine: Machine, number: int, patience: float) -> Exit: ...

    async def kill(self, machine: Machine) -> Exit: ...

    def freeze(self, machine: Machine) -> None: ...

    def thaw(self, machine: Machine) -> bool:
        """Whether there was a memory image; without one the machine has to boot."""

    def signal(self, machine: Machine, number: int) -> None: ...

    async def run(
        self, machine: Machine, command: list[str], stdin: bytes, timeout: float
    ) -> Output: ...

    def guest(self, machine: Machine) -> Guest | None: ...

    def guests(self) -> Mapping[str, Guest]:
        """All that run here, suspended ones included, by machine id."""

    def forget(self, machine: Machine) -> None:
        """It is destroyed: nothing of it is needed any more, except its log."""

    async def close(self) -> None: ...
