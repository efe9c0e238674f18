"""Machines: create, update, destroy."""

import asyncio
import time

import msgspec
from aiohttp import web

from localfly.births import made_up_name, new_machine
from localfly.bodies import machine_body
from localfly.cloud import Cloud, cloud_of
from localfly.config import normalised, volume_of
from localfly.errors import ApiError, bad_request, deadline
from localfly.http import answer, flag, ok, read
from localfly.ids import nonce
from localfly.leases import grant, refuse_leased
from localfly.lookup import find_app, find_live_machine
from localfly.placing import claim, free_volume, let_go, region_for
from localfly.state import App, Config

routes = web.RouteTableDef()

_INDEX = "/v1/apps/{app}/machines"
_ONE = _INDEX + "/{machine}"


class MachineWish(msgspec.Struct):
    """The body of a create and of an update."""

    config: Config = {}
    name: str = ""
    region: str = ""
    lease_ttl: int = 0
    skip_launch: bool = False
    skip_service_registration: bool = False
    min_secrets_version: int | None = None
    current_version: str = ""


@routes.post(_INDEX)
async def create(request: web.Request) -> web.Response:
    cloud, wish = cloud_of(request), await read(request, MachineWish)
    app = await _with_secrets(request, wish.min_secrets_version or 0)
    config = _checked_config(cloud, wish)
    name = wish.name or made_up_name()
    if any(one.name == name and not one.gone for one in cloud.world.machines_of(app.name)):
        raise ApiError(
            409, f"already_exists: unique machine name violation, machine {name} already exists"
        )
    volume = free_volume(cloud, app, config, None)
    machine = new_machine(app, name, region_for(cloud, wish.region, volume), config)
    machine.skip_launch = wish.skip_launch
    machine.cordoned = wish.skip_service_registration
    if wish.lease_ttl:
        machine.lease = grant(machine, cloud.settings.token, wish.lease_ttl, "", nonce())
    claim(cloud, volume, machine)
    cloud.lifecycle.launch(machine)
    body = machine_body(cloud, machine)
    return answer({**body, "nonce": machine.lease.nonce} if machine.lease else body)


@routes.post(_ONE)
async def update(request: web.Request) -> web.Response:
    """The whole config is replaced; the attached volume may be let go but not switched."""
    cloud, wish = cloud_of(request), await read(request, MachineWish)
    app = await _with_secrets(request, wish.min_secrets_version or 0)
    machine = find_live_machine(request)
    refuse_leased(machine, request)
    if wish.current_version and wish.current_version != machine.instance_id:
        raise ApiError(409, "aborted: machine update failed due to concurrent update")
    config = _checked_config(cloud, wish)
    held, wanted = volume_of(machine.config), volume_of(config)
    if held and wanted and held != wanted:
        raise bad_request("the attached volume cannot be changed by an update")
    volume = free_volume(cloud, app, config, machine)
    cloud.lifecycle.replace(machine, config, skip_launch=wish.skip_launch)
    claim(cloud, volume, machine)
    if held and not wanted:
        let_go(cloud, held)
    return answer(machine_body(cloud, machine))


@routes.delete(_ONE)
async def destroy(request: web.Request) -> web.Response:
    machine = find_live_machine(request)
    refuse_leased(machine, request)
    force = flag(request, "force") or flag(request, "kill")
    cloud_of(request).lifecycle.destroy(machine, force=force)
    return ok()


def _checked_config(cloud: Cloud, wish: MachineWish) -> Config:
    config = normalised(wish.config)
    cloud.images.command_for(config)
    return config


async def _with_secrets(request: web.Request, version: int) -> App:
    """The app, once it has that version of its secrets; Fly waits for them to spread."""
    give_up = time.monotonic() + cloud_of(request).settings.timings.secrets
    while (app := find_app(request)).secrets_version < version:
        if time.monotonic() >= give_up:
            raise deadline(f"secrets version {version} is not available yet")
        await asyncio.sleep(0.05)
    return app
