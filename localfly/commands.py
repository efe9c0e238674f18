"""Running a command inside a machine."""

import shlex

import msgspec
from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import bad_request, deadline
from localfly.http import answer, read
from localfly.lookup import find_running_machine

routes = web.RouteTableDef()

_CEILING = 60.0


class ExecWish(msgspec.Struct):
    command: list[str] = []
    cmd: str = ""  # the deprecated form
    timeout: float = _CEILING
    stdin: str = ""


@routes.post("/v1/apps/{app}/machines/{machine}/exec")
async def run(request: web.Request) -> web.Response:
    """Status 200 says that the command ran, not that it succeeded."""
    machine = find_running_machine(request)
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
