"""Machines without processes, for fleets of 100,000."""

from collections.abc import Mapping

from localfly.events import Exit
from localfly.inside import Output
from localfly.process import Guest
from localfly.state import Machine


class PaperHost:
    """Every verb succeeds at once, and nothing runs."""

    async def boot(self, machine: Machine) -> None:
        return None

    async def stop(self, machine: Machine, number: int, patience: float) -> Exit:
        return Exit()

    async def kill(self, machine: Machine) -> Exit:
        return Exit()

    def freeze(self, machine: Machine) -> None:
        return None

    def thaw(self, machine: Machine) -> bool:
        return True

    def signal(self, machine: Machine, number: int) -> None:
        return None

    async def run(
        self, machine: Machine, command: list[str], stdin: bytes, timeout: float
    ) -> Output:
        return Output("", "", Exit())

    def guest(self, machine: Machine) -> Guest | None:
        return None

    def guests(self) -> Mapping[str, Guest]:
        return {}

    def forget(self, machine: Machine) -> None:
        return None

    async def close(self) -> None:
        return None
