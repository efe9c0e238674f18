"""A machine's metadata: written without a restart, a new version or a lease."""

from typing import Any

import msgspec
from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import bad_request, not_found, precondition
from localfly.http import answer, read
from localfly.lookup import find_live_machine, find_machine
from localfly.state import Machine

routes = web.RouteTableDef()

_ALL = "/v1/apps/{app}/machines/{machine}/metadata"
_ONE = _ALL + "/{key}"


class Value(msgspec.Struct):
    value: str


class Changes(msgspec.Struct):
    metadata: dict[str, str | None]
    machine_version: str = ""


@routes.get(_ALL)
async def index(request: web.Request) -> web.Response:
    return answer(_metadata(find_machine(request)))


@routes.get(_ONE)
async def show(request: web.Request) -> web.Response:
    metadata, key = _metadata(find_machine(request)), request.match_info["key"]
    if key not in metadata:
        raise not_found("metadata key")
    return answer({"value": metadata[key]})


@routes.post(_ONE)
async def put_one(request: web.Request) -> web.Response:
    machine = find_live_machine(request)
    value = (await read(request, Value)).value
    return _write(request, machine, {request.match_info["key"]: value})


@routes.delete(_ONE)
async def delete_one(request: web.Request) -> web.Response:
    machine, key = find_live_machine(request), request.match_info["key"]
    if key not in _metadata(machine):
        raise not_found("metadata key")
    return _write(request, machine, {key: None})


@routes.put(_ALL)
@routes.patch(_ALL)
async def change(request: web.Request) -> web.Response:
    machine, changes = find_live_machine(request), await read(request, Changes)
    if changes.machine_version and changes.machine_version != machine.instance_id:
        raise precondition("machine version mismatch")
    return _write(request, machine, changes.metadata)


def _metadata(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = machine.config.get("metadata") or {}
    return found


def _write(request: web.Request, machine: Machine, changes: dict[str, str | None]) -> web.Response:
    """Null and the empty string remove a key."""
    if any(not key for key in changes):
        raise bad_request("metadata keys must not be empty")
    merged = {**_metadata(machine), **changes}
    config = machine.config
    config["metadata"] = {key: value for key, value in merged.items() if value}
    machine.set_config(config)
    cloud_of(request).motion.touch(machine)
    return web.Response(status=204)
