"""Verbs on one machine: start, stop, suspend, restart, signal, cordon."""

from typing import Any

import msgspec
from aiohttp import web

from localfly.cloud import cloud_of
from localfly.config import signal_number
from localfly.durations import seconds
from localfly.errors import precondition
from localfly.http import answer, ok, read, read_optional
from localfly.leases import refuse_leased
from localfly.lookup import find_live_machine
from localfly.placing import refuse_full_host
from localfly.state import Machine

routes = web.RouteTableDef()

_ONE = "/v1/apps/{app}/machines/{machine}"


class StopWish(msgspec.Struct):
    signal: str = ""
    timeout: str | int | None = None


class SignalWish(msgspec.Struct):
    signal: str | int


@routes.post(_ONE + "/start")
async def start(request: web.Request) -> web.Response:
    cloud, machine = cloud_of(request), _mutable(request)
    if machine.state == "stopped":
        refuse_full_host(cloud, machine)
    previous = cloud.lifecycle.start(machine)
    return answer({"previous_state": previous, "migrated": False, "new_host": ""})


@routes.post(_ONE + "/stop")
async def stop(request: web.Request) -> web.Response:
    wish = await read_optional(request, StopWish)
    machine = _mutable(request)
    number, patience = _stop_terms(wish.signal, wish.timeout)
    cloud_of(request).lifecycle.stop(machine, number, patience)
    return ok()


@routes.post(_ONE + "/suspend")
async def suspend(request: web.Request) -> web.Response:
    cloud_of(request).lifecycle.suspend(_mutable(request))
    return ok()


@routes.post(_ONE + "/restart")
async def restart(request: web.Request) -> web.Response:
    machine, query = _mutable(request), request.query
    timeout: Any = query.get("timeout")
    if timeout is not None and timeout.isdigit():
        timeout += "s"
    name = "SIGKILL" if query.get("force_stop") == "true" else query.get("signal", "")
    number, patience = _stop_terms(name, timeout)
    cloud_of(request).lifecycle.restart(machine, number, patience)
    return ok()


@routes.post(_ONE + "/signal")
async def signal(request: web.Request) -> web.Response:
    machine = find_live_machine(request)
    number = signal_number((await read(request, SignalWish)).signal)
    if machine.state != "started":
        raise precondition("machine not running")
    cloud_of(request).host.signal(machine, number)
    return ok()


@routes.post(_ONE + "/cordon")
async def cordon(request: web.Request) -> web.Response:
    return _set_cordoned(request, True)


@routes.post(_ONE + "/uncordon")
async def uncordon(request: web.Request) -> web.Response:
    return _set_cordoned(request, False)


def _set_cordoned(request: web.Request, cordoned: bool) -> web.Response:
    machine = _mutable(request)
    machine.cordoned = cordoned
    cloud_of(request).motion.touch(machine)
    return ok()


def _mutable(request: web.Request) -> Machine:
    machine = find_live_machine(request)
    refuse_leased(machine, request)
    return machine


def _stop_terms(signal: str, timeout: str | int | None) -> tuple[int | None, float | None]:
    """What the call itself says; None leaves it to the machine's `stop_config`."""
    return (
        signal_number(signal) if signal else None,
        seconds(timeout) if timeout is not None else None,
    )
