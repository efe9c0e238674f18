"""Volumes: create, restore, fork, list, show, update, extend, delete."""

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import bad_request, no_capacity, precondition
from localfly.filling import begin_filling, find_source
from localfly.http import answer, flag, read
from localfly.ids import now_ms, volume_id, zone
from localfly.lookup import find_app, find_volume
from localfly.regions import candidates
from localfly.state import Volume
from localfly.volumebodies import volume_body

routes = web.RouteTableDef()

_INDEX = "/v1/apps/{app}/volumes"
_ONE = _INDEX + "/{volume}"
_MAX_GB = 500
_DEFAULT_GB = 3


class NewVolume(msgspec.Struct):
    name: str = ""
    region: str = ""
    size_gb: int | None = None
    encrypted: bool = True
    fstype: str = "ext4"
    snapshot_id: str | None = None
    source_volume_id: str | None = None
    snapshot_retention: int | None = None
    auto_backup_enabled: bool | None = None


class VolumeChange(msgspec.Struct):
    snapshot_retention: int | None = None
    auto_backup_enabled: bool | None = None


class Extension(msgspec.Struct):
    size_gb: int


@routes.post(_INDEX)
async def create(request: web.Request) -> web.Response:
    """Empty ones are ready at once; a copy of something is filled in the background."""
    cloud, app = cloud_of(request), find_app(request)
    wish = await read(request, NewVolume)
    if not wish.name:
        raise bad_request("volume name is required")
    source = find_source(cloud, app, wish.snapshot_id, wish.source_volume_id)
    size = wish.size_gb or (source.size_gb if source else _DEFAULT_GB)
    _check(size, wish.snapshot_retention)
    if source is not None and size < source.size_gb:
        raise bad_request("volume size must be at least the size of its source")
    full = cloud.faults.full_regions
    region = next((code for code in candidates(wish.region) if code not in full), None)
    if region is None:
        raise no_capacity()
    volume = _new_volume(app.name, wish, size, region)
    if source is None:
        await asyncio.sleep(cloud.settings.timings.volume)
        cloud.world.save_volume(volume)
    else:
        begin_filling(cloud, volume, source)
    return answer(volume_body(volume))


@routes.get(_INDEX)
async def index(request: web.Request) -> web.Response:
    cloud, app = cloud_of(request), find_app(request)
    volumes = cloud.world.volumes_of(app.name)
    if flag(request, "summary"):
        return answer([volume_body(volume) for volume in volumes])
    return answer([await _measured(request, volume) for volume in volumes])


@routes.get(_ONE)
async def show(request: web.Request) -> web.Response:
    return answer(await _measured(request, find_volume(request)))


@routes.put(_ONE)
async def update(request: web.Request) -> web.Response:
    cloud, volume = cloud_of(request), find_volume(request)
    change = await read(request, VolumeChange)
    _check(volume.size_gb, change.snapshot_retention)
    if change.snapshot_retention is not None:
        volume.snapshot_retention = change.snapshot_retention
    if change.auto_backup_enabled is not None:
        volume.auto_backup_enabled = change.auto_backup_enabled
    cloud.world.save_volume(volume)
    return answer(await _measured(request, volume))


@routes.put(_ONE + "/extend")
async def extend(request: web.Request) -> web.Response:
    cloud, volume = cloud_of(request), find_volume(request)
    size = (await read(request, Extension)).size_gb
    _check(size, None)
    if size < volume.size_gb:
        raise bad_request("volumes can only be extended")
    volume.size_gb = size
    cloud.world.save_volume(volume)
    return answer({"volume": await _measured(request, volume), "needs_restart": False})


@routes.delete(_ONE)
async def destroy(request: web.Request) -> web.Response:
    """Answers `destroyed`; the list shows it as `pending_destroy` for a while."""
    cloud, volume = cloud_of(request), find_volume(request)
    if volume.machine_id is not None:
        raise precondition(f"volume is currently bound to machine: {volume.machine_id}")
    if volume.deleted_ms is None:
        volume.deleted_ms = now_ms()
        volume.state = "pending_destroy"
        cloud.world.save_volume(volume)
    return answer({**await _measured(request, volume), "state": "destroyed"})


async def _measured(request: web.Request, volume: Volume) -> dict[str, Any]:
    """In a thread: counting a large folder takes a while."""
    return await asyncio.to_thread(volume_body, volume, cloud_of(request).disks)


def _check(size_gb: int, retention: int | None) -> None:
    if not 1 <= size_gb <= _MAX_GB:
        raise bad_request(f"size_gb must be between 1 and {_MAX_GB}")
    if retention is not None and not 1 <= retention <= 60:
        raise bad_request("snapshot_retention must be between 1 and 60")


def _new_volume(app_name: str, wish: NewVolume, size_gb: int, region: str) -> Volume:
    now = now_ms()
    return Volume(
        id=volume_id(),
        app_name=app_name,
        name=wish.name,
        state="created",
        size_gb=size_gb,
        region=region,
        zone=zone(),
        created_ms=now,
        updated_ms=now,
        encrypted=wish.encrypted,
        fstype=wish.fstype,
        snapshot_retention=wish.snapshot_retention or 5,
        auto_backup_enabled=wish.auto_backup_enabled is not False,
    )
