"""Volumes: create, restore, fork, list, show, update, extend, delete."""

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from localfly.cloud import Cloud, cloud_of
from localfly.errors import (
    ApiError,
    HostUnreachable,
    bad_request,
    no_capacity,
    precondition,
)
from localfly.filling import begin_filling, find_source, size_gb
from localfly.http import answer, flag, read
from localfly.ids import now_ms, volume_id
from localfly.lookup import find_app, find_live_volume, find_volume
from localfly.reach import volume_answers, volume_host_full
from localfly.state import Config, Volume
from localfly.volumebodies import volume_body
from localfly.zones import place_volume

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
    require_unique_zone: bool = True
    unique_zone_app_wide: bool = False
    compute: Config | None = None  # hints, for a host with room for the machine to come
    compute_image: str | None = None

    def apart_from(self) -> str | None:
        """The name of the volumes whose hosts will not do, as `place_volume` wants it."""
        if not self.require_unique_zone:
            return None
        return "" if self.unique_zone_app_wide else self.name


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
    size = wish.size_gb or (size_gb(source) if source else _DEFAULT_GB)
    _check(size, wish.snapshot_retention)
    if source is not None and size < size_gb(source):
        least = size_gb(source)
        raise bad_request(f"volume size must be at least the size of its source, {least} GB")
    _refuse_beyond_limit(cloud)
    place = place_volume(cloud, app.name, wish.apart_from(), wish.region)
    if place is None:
        raise no_capacity()
    volume = _new_volume(app.name, wish, size, *place)
    if source is None:
        await asyncio.sleep(cloud.settings.timings.volume)
        cloud.world.save_volume(volume)
    else:
        begin_filling(cloud, volume, source)
    return answer(volume_body(cloud, volume))


@routes.get(_INDEX)
async def index(request: web.Request) -> web.Response:
    cloud, app = cloud_of(request), find_app(request)
    volumes = cloud.world.volumes_of(app.name)
    if flag(request, "summary"):
        return answer([volume_body(cloud, volume) for volume in volumes])
    return answer([await _measured(cloud, volume) for volume in volumes])


@routes.get(_ONE)
async def show(request: web.Request) -> web.Response:
    return answer(await _measured(cloud_of(request), find_volume(request)))


@routes.put(_ONE)
async def update(request: web.Request) -> web.Response:
    cloud, volume = cloud_of(request), find_live_volume(request)
    change = await read(request, VolumeChange)
    _check(volume.size_gb, change.snapshot_retention)
    if change.snapshot_retention is not None:
        volume.snapshot_retention = change.snapshot_retention
    if change.auto_backup_enabled is not None:
        volume.auto_backup_enabled = change.auto_backup_enabled
    cloud.world.save_volume(volume)
    return answer(await _measured(cloud, volume))


@routes.put(_ONE + "/extend")
async def extend(request: web.Request) -> web.Response:
    cloud, volume = cloud_of(request), find_live_volume(request)
    size = (await read(request, Extension)).size_gb
    _check(size, None)
    if size < volume.size_gb:
        raise bad_request("volumes can only be extended")
    if volume_host_full(cloud, volume):
        text = f"insufficient resources to extend volume '{volume.id}' on the current host"
        raise ApiError(412, text, "volume_placement_capacity")
    volume.size_gb = size
    cloud.world.save_volume(volume)
    return answer({"volume": await _measured(cloud, volume), "needs_restart": False})


@routes.delete(_ONE)
async def destroy(request: web.Request) -> web.Response:
    """Answers `destroyed`; the list shows it as `pending_destroy` for a while."""
    cloud, volume = cloud_of(request), find_volume(request)
    if not volume_answers(cloud, volume):
        raise HostUnreachable
    if volume.machine_id is not None:
        raise precondition(f"volume is currently bound to machine: {volume.machine_id}")
    if volume.deleted_ms is None:
        volume.deleted_ms = now_ms()
        volume.state = "pending_destroy"
        cloud.world.save_volume(volume)
    return answer({**await _measured(cloud, volume), "state": "destroyed"})


async def _measured(cloud: Cloud, volume: Volume) -> dict[str, Any]:
    """In a thread: counting a large folder takes a while."""
    return await asyncio.to_thread(volume_body, cloud, volume, measured=True)


def _refuse_beyond_limit(cloud: Cloud) -> None:
    limit = cloud.faults.volume_limit
    if limit is None:
        return
    if sum(volume.deleted_ms is None for volume in cloud.world.volumes.values()) >= limit:
        raise ApiError(
            422, "Your organization has reached its volume limit. Please contact billing@fly.io"
        )


def _check(size: int, retention: int | None) -> None:
    if not 1 <= size <= _MAX_GB:
        raise bad_request(f"size_gb must be between 1 and {_MAX_GB}")
    if retention is not None and not 1 <= retention <= 60:
        raise bad_request("snapshot_retention must be between 1 and 60")


def _new_volume(app_name: str, wish: NewVolume, size: int, region: str, zone: str) -> Volume:
    now = now_ms()
    return Volume(
        id=volume_id(),
        app_name=app_name,
        name=wish.name,
        state="created",
        size_gb=size,
        region=region,
        zone=zone,
        created_ms=now,
        updated_ms=now,
        encrypted=wish.encrypted,
        fstype=wish.fstype,
        snapshot_retention=wish.snapshot_retention or 5,
        auto_backup_enabled=wish.auto_backup_enabled is not False,
    )
