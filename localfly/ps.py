"""Listing what runs in a machine."""

import asyncio
from asyncio.subprocess import PIPE
from typing import Any

from aiohttp import web

from localfly.cloud import cloud_of
from localfly.http import answer
from localfly.lookup import find_running_machine

routes = web.RouteTableDef()


@routes.get("/v1/apps/{app}/machines/{machine}/ps")
async def processes(request: web.Request) -> web.Response:
    guest = cloud_of(request).host.guest(find_running_machine(request))
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
