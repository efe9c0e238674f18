"""Running a further command in a machine that runs."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE
from contextlib import suppress
from dataclasses import dataclass

from localfly.events import Exit
from localfly.process import Guest


@dataclass(frozen=True)
class Output:
    stdout: str
    stderr: str
    exit: Exit


async def run_inside(guest: Guest, command: list[str], stdin: bytes, timeout: float) -> Output:
    """Run a command in the guest's view and environment; TimeoutError kills it."""
    process = await asyncio.create_subprocess_exec(
        *guest.boot.argv(command),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env={**guest.boot.env, "PORT": str(guest.port)},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout):
            out, err = await process.communicate(stdin)
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    exit_ = Exit.from_returncode(process.returncode or 0)
    return Output(out.decode(errors="replace"), err.decode(errors="replace"), exit_)
