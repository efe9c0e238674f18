"""The extras outside of Fly's API: imports, recorded calls, machines, images, passing time."""

import asyncio
import signal
from datetime import timedelta

import msgspec
from aiohttp import web

from localfly.bulk import bulk
from localfly.cloud import cloud_of
from localfly.errors import not_found, precondition
from localfly.fleetrows import Fleet
from localfly.http import answer, ok, read, read_optional
from localfly.ids import set_ahead
from localfly.images import Described
from localfly.imports import take_over
from localfly.janitor import sweep
from localfly.state import Machine
from localfly.taking import UNFINISHED

routes = web.RouteTableDef()


class Crash(msgspec.Struct):
    oom_killed: bool = False


class Clock(msgspec.Struct):
    ahead_seconds: float


@routes.post("/_local/import")
async def import_fleet(request: web.Request) -> web.Response:
    await request.read()
    with bulk():
        return answer(take_over(cloud_of(request), await read(request, Fleet)))


@routes.get("/_local/machines/{machine}")
async def machine_address(request: web.Request) -> web.Response:
    """Port and pid are null while no process runs."""
    machine = _find(request)
    guest = cloud_of(request).host.guest(machine)
    return answer(
        {
            "state": machine.state,
            "port": guest.port if guest else None,
            "pid": guest.pid if guest else None,
        }
    )


@routes.post("/_local/machines/{machine}/crash")
async def crash(request: web.Request) -> web.Response:
    """Kill the process behind the platform's back, or as if its memory had run out."""
    wish = await read_optional(request, Crash)
    machine, host = _find(request), cloud_of(request).host
    guest = host.guest(machine)
    if guest is None:
        raise precondition("machine not running")
    guest.out_of_memory = wish.oom_killed
    host.signal(machine, signal.SIGKILL)
    return ok()


@routes.put("/_local/images")
async def learn_images(request: web.Request) -> web.Response:
    """Beside those that are known, until Local Fly ends: what each reference runs."""
    cloud_of(request).images.learn(await read(request, dict[str, Described]))
    return ok()


@routes.put("/_local/clock")
async def set_clock(request: web.Request) -> web.Response:
    """Ahead of the system's; nothing that waits is sped up by it."""
    set_ahead(timedelta(seconds=(await read(request, Clock)).ahead_seconds))
    return ok()


@routes.post("/_local/sweep")
async def sweep_now(request: web.Request) -> web.Response:
    """What is due by now is done before the answer: daily snapshots, expiries, forgetting."""
    cloud = cloud_of(request)
    swept, there = await sweep(cloud), cloud.world.snapshots
    while any(one.id in there and one.status in UNFINISHED for one in swept.scheduled):
        await asyncio.sleep(0.02)
    taken = [snapshot.id for snapshot in swept.scheduled]
    return answer({"taken": taken, "expired": swept.expired, "forgotten": swept.forgotten})


@routes.get("/_local/calls")
async def calls(request: web.Request) -> web.Response:
    """Oldest first; the newest 20,000 are kept."""
    return answer({"calls": msgspec.to_builtins(list(cloud_of(request).calls))})


@routes.delete("/_local/calls")
async def forget_calls(request: web.Request) -> web.Response:
    cloud_of(request).calls.clear()
    return web.Response(status=204)


def _find(request: web.Request) -> Machine:
    machine = cloud_of(request).world.machines.get(request.match_info["machine"])
    if machine is None:
        raise not_found("machine")
    return machine
