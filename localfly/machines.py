"""Machines: create, update, list, show, destroy."""

import hashlib

import msgspec
from aiohttp import web

from localfly.bodies import machine_body, machine_summary
from localfly.cloud import Cloud, cloud_of
from localfly.config import normalised, volume_of
from localfly.errors import ApiError, bad_request, no_capacity, not_found, precondition
from localfly.http import answer, flag, ok, read, words
from localfly.ids import machine_id, nonce, now_ms, ulid
from localfly.leases import grant, refuse_leased
from localfly.lookup import find_app, find_live_machine, find_machine
from localfly.regions import candidates
from localfly.state import App, Config, Machine, Volume

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
    cloud, app = cloud_of(request), find_app(request)
    wish = await read(request, MachineWish)
    config = _checked_config(cloud, app, wish)
    name = wish.name or _made_up_name()
    if any(one.name == name and not one.gone for one in cloud.world.machines_of(app.name)):
        raise ApiError(
            409, f"already_exists: unique machine name violation, machine {name} already exists"
        )
    volume = _free_volume(cloud, app, config, None)
    machine = _new_machine(app, name, _region(cloud, wish.region, volume), config)
    machine.skip_launch = wish.skip_launch
    machine.cordoned = wish.skip_service_registration
    if wish.lease_ttl:
        machine.lease = grant(machine, cloud.settings.token, wish.lease_ttl, "", nonce())
    _claim(cloud, volume, machine)
    cloud.lifecycle.launch(machine)
    body = machine_body(machine)
    return answer({**body, "nonce": machine.lease.nonce} if machine.lease else body)


@routes.post(_ONE)
async def update(request: web.Request) -> web.Response:
    """The whole config is replaced; the attached volume may be let go but not switched."""
    wish = await read(request, MachineWish)
    cloud, app, machine = cloud_of(request), find_app(request), find_live_machine(request)
    refuse_leased(machine, request)
    if wish.current_version and wish.current_version != machine.instance_id:
        raise ApiError(409, "aborted: machine update failed due to concurrent update")
    config = _checked_config(cloud, app, wish)
    held, wanted = volume_of(machine.config), volume_of(config)
    if held and wanted and held != wanted:
        raise bad_request("the attached volume cannot be changed by an update")
    volume = _free_volume(cloud, app, config, machine)
    cloud.lifecycle.replace(machine, config, skip_launch=wish.skip_launch)
    _claim(cloud, volume, machine)
    if held and not wanted and held in cloud.world.volumes:
        cloud.world.volumes[held].machine_id = None
        cloud.world.save_volume(cloud.world.volumes[held])
    return answer(machine_body(machine))


@routes.get(_INDEX)
async def index(request: web.Request) -> web.Response:
    app = find_app(request)
    found = [
        machine
        for machine in cloud_of(request).world.machines_of(app.name)
        if _asked(request, machine)
    ]
    body = machine_summary if flag(request, "summary") else machine_body
    return answer([body(machine) for machine in found])


@routes.get(_ONE)
async def show(request: web.Request) -> web.Response:
    machine = find_machine(request)
    body = machine_body(machine)
    lease = machine.active_lease()
    if lease is not None and flag(request, "include_leases"):
        keys = ("owner", "expires_at", "description")
        body["lease"] = {key: getattr(lease, key) for key in keys}
    return answer(body)


@routes.delete(_ONE)
async def destroy(request: web.Request) -> web.Response:
    machine = find_live_machine(request)
    refuse_leased(machine, request)
    force = flag(request, "force") or flag(request, "kill")
    cloud_of(request).lifecycle.destroy(machine, force=force)
    return ok()


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


def _checked_config(cloud: Cloud, app: App, wish: MachineWish) -> Config:
    config = normalised(wish.config)
    cloud.images.command_for(config)
    if (wish.min_secrets_version or 0) > app.secrets_version:
        raise precondition(f"secrets version {wish.min_secrets_version} is not available yet")
    return config


def _free_volume(cloud: Cloud, app: App, config: Config, machine: Machine | None) -> Volume | None:
    volume_id = volume_of(config)
    if volume_id is None:
        return None
    volume = cloud.world.volumes.get(volume_id)
    if volume is None or volume.app_name != app.name or volume.deleted_ms is not None:
        raise not_found("volume")
    if volume.machine_id and (machine is None or volume.machine_id != machine.id):
        raise precondition(f"volume already claimed by machine {volume.machine_id}")
    return volume


def _region(cloud: Cloud, expression: str, volume: Volume | None) -> str:
    """The volume's region, or the first of the wanted ones that has room."""
    full = cloud.faults.full_regions
    if volume is not None:
        if volume.region in full:
            text = "insufficient resources to create new machine with existing volume id"
            raise ApiError(412, f"{text} '{volume.id}'", "volume_placement_capacity")
        return volume.region
    region = next((code for code in candidates(expression) if code not in full), None)
    if region is None:
        raise no_capacity()
    return region


def _claim(cloud: Cloud, volume: Volume | None, machine: Machine) -> None:
    if volume is not None:
        volume.machine_id = machine.id
        cloud.world.save_volume(volume)


def _new_machine(app: App, name: str, region: str, config: Config) -> Machine:
    now = now_ms()
    machine = Machine(
        id=machine_id(),
        app_name=app.name,
        name=name,
        state="created",
        region=region,
        instance_id=ulid(),
        private_ip="",
        config_json=msgspec.Raw(b"{}"),
        created_ms=now,
        updated_ms=now,
    )
    machine.private_ip = private_ip(app.network, machine.id)
    machine.set_config(config)
    return machine


def private_ip(network: str, key: str) -> str:
    """An address on the network's own prefix, always the same for the same machine."""
    net = hashlib.sha256(network.encode()).hexdigest()
    own = hashlib.sha256(key.encode()).hexdigest()
    return f"fdaa:9:{net[:4]}:a7b:{own[:4]}:{own[4:8]}:{own[8:12]}:2"


def _made_up_name() -> str:
    return f"machine-{nonce()}"
