"""Switching misbehaviour on and off: extras outside of Fly's API."""

import msgspec
from aiohttp import web

from localfly.cloud import cloud_of
from localfly.faults import Faults
from localfly.http import answer, decode, read

routes = web.RouteTableDef()


@routes.get("/_local/faults")
async def show_faults(request: web.Request) -> web.Response:
    return answer(cloud_of(request).faults)


@routes.put("/_local/faults")
async def set_faults(request: web.Request) -> web.Response:
    """The whole set at once: what is not named is off."""
    cloud = cloud_of(request)
    cloud.faults = await read(request, Faults)
    return answer(cloud.faults)


@routes.patch("/_local/faults")
async def change_faults(request: web.Request) -> web.Response:
    """What is not named stays as it is."""
    cloud = cloud_of(request)
    named = await read(request, dict[str, msgspec.Raw])
    whole = {**msgspec.structs.asdict(cloud.faults), **named}
    cloud.faults = decode(msgspec.json.encode(whole), Faults)
    return answer(cloud.faults)


@routes.delete("/_local/faults")
async def clear_faults(request: web.Request) -> web.Response:
    cloud_of(request).faults = Faults()
    return web.Response(status=204)
