"""Leases: a time-limited exclusive lock on a machine, proven by a nonce."""

from uuid import NAMESPACE_URL, uuid5

import msgspec
from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import ApiError, LeaseError
from localfly.http import answer, number, read_optional
from localfly.ids import nonce, now_ms, rfc3339
from localfly.lookup import find_live_machine
from localfly.state import Lease, Machine

routes = web.RouteTableDef()

NONCE_HEADER = "fly-machine-lease-nonce"
_PATH = "/v1/apps/{app}/machines/{machine}/lease"
_DEFAULT_TTL = 60


class Wish(msgspec.Struct):
    ttl: int | None = None
    description: str = ""


@routes.post(_PATH)
async def acquire(request: web.Request) -> web.Response:
    """The holder's own nonce extends the lease and stays the same."""
    machine = find_live_machine(request)
    wish = await read_optional(request, Wish)
    held = _refuse_other_holder(machine, request)
    ttl = number(request, "ttl", wish.ttl or _DEFAULT_TTL)
    description = wish.description or (held.description if held else "")
    token = cloud_of(request).settings.token
    machine.lease = grant(machine, token, ttl, description, held.nonce if held else nonce())
    cloud_of(request).world.save_machine(machine)
    return _envelope(machine.lease, 201)


@routes.get(_PATH)
async def show(request: web.Request) -> web.Response:
    lease = find_live_machine(request).active_lease()
    if lease is None:
        raise LeaseError(404, "lease not found")
    return _envelope(lease, 200)


@routes.delete(_PATH)
async def release(request: web.Request) -> web.Response:
    machine = find_live_machine(request)
    if _refuse_other_holder(machine, request) is None:
        raise LeaseError(404, "lease not found")
    machine.lease = None
    cloud_of(request).world.save_machine(machine)
    return _envelope({"ok": True}, 200)


def grant(machine: Machine, token: str, ttl: int, description: str, proof: str) -> Lease:
    owner = f"{uuid5(NAMESPACE_URL, token)}@tokens.fly.io"
    return Lease(proof, now_ms() // 1000 + ttl, owner, description, machine.instance_id)


def refuse_leased(machine: Machine, request: web.Request) -> None:
    """409 unless the machine is free or the request carries the nonce."""
    lease = machine.active_lease()
    if lease is not None and request.headers.get(NONCE_HEADER) != lease.nonce:
        raise ApiError(409, _held(machine, lease))


def _refuse_other_holder(machine: Machine, request: web.Request) -> Lease | None:
    lease = machine.active_lease()
    if lease is not None and request.headers.get(NONCE_HEADER) != lease.nonce:
        raise LeaseError(409, _held(machine, lease))
    return lease


def _held(machine: Machine, lease: Lease) -> str:
    until = rfc3339(lease.expires_at * 1000)
    return f"machine ID {machine.id} lease currently held by {lease.owner}, expires at {until}"


def _envelope(data: object, status: int) -> web.Response:
    return answer({"status": "success", "data": data}, status)
