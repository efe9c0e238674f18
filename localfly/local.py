"""The extras outside of Fly's API: imports, faults, recorded calls, where a machine runs."""

import signal

import msgspec
from aiohttp import web

from localfly.bulk import bulk
from localfly.cloud import cloud_of
from localfly.errors import not_found, precondition
from localfly.faults import Faults
from localfly.fleetrows import Fleet
from localfly.http import answer, ok, read
from localfly.imports import take_over
from localfly.state import Machine

routes = web.RouteTableDef()


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
    """Kill the process behind the platform's back."""
    machine, host = _find(request), cloud_of(request).host
    if host.guest(machine) is None:
        raise precondition("machine not running")
    host.signal(machine, signal.SIGKILL)
    return ok()


@routes.get("/_local/faults")
async def show_faults(request: web.Request) -> web.Response:
    return answer(cloud_of(request).faults)


@routes.put("/_local/faults")
async def set_faults(request: web.Request) -> web.Response:
    """The whole set at once: what is not named is off."""
    cloud = cloud_of(request)
    cloud.faults = await read(request, Faults)
    return answer(cloud.faults)


@routes.delete("/_local/faults")
async def clear_faults(request: web.Request) -> web.Response:
    cloud_of(request).faults = Faults()
    return web.Response(status=204)


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
