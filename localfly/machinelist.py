"""Reading the machines of an app: one, or all that a query lets through."""

from aiohttp import web

from localfly.bodies import machine_body, machine_summary
from localfly.cloud import cloud_of
from localfly.http import answer, flag, words
from localfly.lookup import find_app, find_machine
from localfly.state import Machine

routes = web.RouteTableDef()

_INDEX = "/v1/apps/{app}/machines"


@routes.get(_INDEX)
async def index(request: web.Request) -> web.Response:
    cloud, app = cloud_of(request), find_app(request)
    found = [one for one in cloud.world.machines_of(app.name) if _asked(request, one)]
    if flag(request, "summary"):
        return answer([machine_summary(machine) for machine in found])
    return answer([machine_body(cloud, machine) for machine in found])


@routes.get(_INDEX + "/{machine}")
async def show(request: web.Request) -> web.Response:
    machine = find_machine(request)
    body = machine_body(cloud_of(request), machine)
    lease = machine.active_lease()
    if lease is not None and flag(request, "include_leases"):
        keys = ("owner", "expires_at", "description")
        body["lease"] = {key: getattr(lease, key) for key in keys}
    return answer(body)


def _asked(request: web.Request, machine: Machine) -> bool:
    """Whether the query's filters let the machine through."""
    if machine.gone and not flag(request, "include_deleted"):
        return False
    regions, states = words(request, "region"), words(request, "state")
    if (regions and machine.region not in regions) or (states and machine.state not in states):
        return False
    wanted = {
        key.removeprefix("metadata."): value
        for key, value in request.query.items()
        if key.startswith("metadata.")
    }
    return not wanted or wanted.items() <= (machine.config.get("metadata") or {}).items()
