"""Real processes: each machine is a process group of its own."""

import asyncio
import os
import signal
import socket
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from localfly.events import Exit
from localfly.launcher import Boot


@dataclass
class Guest:
    """A running machine."""

    process: Process
    boot: Boot
    port: int
    ended: asyncio.Future[Exit]
    expected: bool = False  # somebody asked for its end
    out_of_memory: bool = False  # its end is to look as if the kernel had killed it
    watcher: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: int) -> None:
        """To the whole group; nothing happens when it is gone."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class Guests:
    """The machines that run on this host, by machine id."""

    def __init__(self, on_exit: Callable[[str, Exit], None]) -> None:
        self._guests: dict[str, Guest] = {}
        self._on_exit = on_exit

    def get(self, machine_id: str) -> Guest | None:
        return self._guests.get(machine_id)

    def all(self) -> Mapping[str, Guest]:
        return self._guests

    async def start(self, machine_id: str, boot: Boot) -> Guest:
        port = free_port()
        env = {**boot.env, "PORT": str(port)}
        with boot.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *boot.argv(boot.command),
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                start_new_session=True,
            )
        guest = Guest(process, boot, port, asyncio.get_running_loop().create_future())
        self._guests[machine_id] = guest
        guest.watcher = asyncio.create_task(self._watch(machine_id, guest))
        return guest

    async def stop(self, machine_id: str, number: int, patience: float) -> Exit:
        """Ask with a signal, kill after the patience; returns when the group is gone."""
        guest = self._guests.get(machine_id)
        if guest is None:
            return Exit()
        guest.expected = True
        guest.signal(number)
        guest.signal(signal.SIGCONT)
        try:
            async with asyncio.timeout(patience):
                return await asyncio.shield(guest.ended)
        except TimeoutError:
            return await self.kill(machine_id)

    async def kill(self, machine_id: str) -> Exit:
        guest = self._guests.get(machine_id)
        if guest is None:
            return Exit()
        guest.expected = True
        guest.signal(signal.SIGKILL)
        return await asyncio.shield(guest.ended)  # others may wait for the same end

    async def close(self) -> None:
        await asyncio.gather(*(self.kill(machine_id) for machine_id in list(self._guests)))

    async def _watch(self, machine_id: str, guest: Guest) -> None:
        returncode = await guest.process.wait()
        exit_ = replace(Exit.from_returncode(returncode), oom_killed=guest.out_of_memory)
        guest.signal(signal.SIGKILL)  # what the main process left behind
        if self._guests.get(machine_id) is guest:
            del self._guests[machine_id]
        guest.ended.set_result(exit_)
        if not guest.expected:
            self._on_exit(machine_id, exit_)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
