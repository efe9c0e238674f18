"""Running a command inside a machine, and listing what runs there."""

import asyncio
import shlex
from asyncio.subprocess import PIPE
from typing import Any

import msgspec
from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import bad_request, deadline, precondition
from localfly.http import answer, read
from localfly.lookup import find_live_machine
from localfly.state import Machine

routes = web.RouteTableDef()

_ONE = "/v1/apps/{app}/machines/{machine}"
_CEILING = 60.0


class ExecWish(msgspec.Struct):
    command: list[str] = []
    cmd: str = ""  # the deprecated form
    timeout: float = _CEILING
    stdin: str = ""


@routes.post(_ONE + "/exec")
async def run(request: web.Request) -> web.Response:
    """Status 200 says that the command ran, not that it succeeded."""
    machine = _running(request)
    wish = await read(request, ExecWish)
    command = wish.command or shlex.split(wish.cmd)
    if not command:
        raise bad_request("command is required")
    timeout = min(wish.timeout or _CEILING, _CEILING)
    host = cloud_of(request).host
    try:
        output = await host.run(machine, command, wish.stdin.encode(), timeout)
    except TimeoutError:
        raise deadline("request deadline exceeded") from None
    return answer(
        {
            "stdout": output.stdout,
            "stderr": output.stderr,
            "exit_code": output.exit.code,
            "exit_signal": max(output.exit.signal, 0),
        }
    )


@routes.get(_ONE + "/ps")
async def processes(request: web.Request) -> web.Response:
    guest = cloud_of(request).host.guest(_running(request))
    rows = await _group(guest.pid, guest.port) if guest is not None else []
    return answer(rows)


async def _group(leader: int, port: int) -> list[dict[str, Any]]:
    """Everything in the machine's process group, as the system's own `ps` tells it."""
    columns = "pid=,pgid=,rss=,pcpu=,args="
    ps = await asyncio.create_subprocess_exec("ps", "-axwwo", columns, stdout=PIPE)
    listing, _ = await ps.communicate()
    rows = []
    for line in listing.decode(errors="replace").splitlines():
        pid, pgid, rss, cpu, command = line.split(None, 4)
        if int(pgid) != leader:
            continue
        sockets = [{"proto": "tcp", "address": f"127.0.0.1:{port}"}] if pid == str(leader) else []
        rows.append(
            {
                "pid": int(pid),
                "stime": 0,
                "rtime": 0,
                "command": command,
                "directory": "/",
                "cpu": round(float(cpu)),
                "rss": int(rss) * 1024,
                "listen_sockets": sockets,
            }
        )
    return rows


def _running(request: web.Request) -> Machine:
    machine = find_live_machine(request)
    if machine.state != "started":
        raise precondition(f"machine not running, currently {machine.state}")
    return machine
