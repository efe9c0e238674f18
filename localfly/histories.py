"""What a machine went through: its events and its earlier versions."""

from aiohttp import web

from localfly.errors import bad_request
from localfly.http import answer, number
from localfly.lookup import find_machine
from localfly.state import EVENTS_KEPT, EVENTS_SHOWN, Version

routes = web.RouteTableDef()

_ONE = "/v1/apps/{app}/machines/{machine}"


@routes.get(_ONE + "/events")
async def events(request: web.Request) -> web.Response:
    """Newest first; older ones are forgotten."""
    machine = find_machine(request)
    limit = number(request, "limit", EVENTS_SHOWN)
    if not 1 <= limit <= EVENTS_KEPT:
        raise bad_request(f"limit must be between 1 and {EVENTS_KEPT}")
    return answer(machine.events[:limit])


@routes.get(_ONE + "/versions")
async def versions(request: web.Request) -> web.Response:
    machine = find_machine(request)
    return answer([Version(machine.instance_id, machine.config_json), *machine.versions])
