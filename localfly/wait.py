"""Waiting for a machine to reach a state."""

import time

from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import bad_request, deadline, not_found
from localfly.http import answer, number, words
from localfly.lookup import find_machine
from localfly.state import Machine

routes = web.RouteTableDef()

_SETTLED = {"started", "stopped", "suspended", "failed", "destroyed"}


@routes.get("/v1/apps/{app}/machines/{machine}/wait")
async def wait(request: web.Request) -> web.Response:
    machine = find_machine(request)
    wanted = words(request, "state") or {"started"}
    timeout = number(request, "timeout", 60)
    if not 1 <= timeout <= 60:
        raise bad_request(
            "invalid WaitMachineRequest.Timeout: value must be inside range [1s, 1m0s]"
        )
    version = request.query.get("version") or request.query.get("instance_id") or ""
    since = request.query.get("from_event_id", "")
    end = time.monotonic() + timeout
    while not (found := _reached(machine, wanted, version, since)):
        if machine.gone:
            raise not_found("machine")
        left = end - time.monotonic()
        if left <= 0:
            raise deadline(_missed(wanted, machine))
        await cloud_of(request).world.machine_changed(machine.id, left)
    state, event_id = found
    return answer(
        {"ok": True, "state": state, "version": machine.instance_id, "event_id": event_id}
    )


def _reached(
    machine: Machine, wanted: set[str], version: str, since: str
) -> tuple[str, str] | None:
    """The state and its event, looking only at what came after the event `since`."""
    if version and version != machine.instance_id:
        return None
    states = (wanted - {"settled"}) | (_SETTLED if "settled" in wanted else set())
    newest = machine.events[0].id if machine.events else ""
    if machine.state in states and newest > since:
        return machine.state, newest
    if since:
        for event in machine.events:
            if event.id > since and event.status in states:
                return event.status, event.id
    return None


def _missed(wanted: set[str], machine: Machine) -> str:
    states = ", ".join(sorted(wanted))
    return f"machine failed to reach desired state, {states}, currently {machine.state}"
