"""Snapshots of volumes: real copies, written in the background."""

import asyncio
import hashlib

from aiohttp import web

from localfly.bodies import snapshot_body
from localfly.cloud import Cloud, cloud_of
from localfly.errors import not_found, precondition
from localfly.http import answer
from localfly.ids import now_ms, rfc3339, snapshot_id
from localfly.lookup import find_volume
from localfly.mounts import changed_bytes, copy_tree
from localfly.state import Snapshot, Volume

routes = web.RouteTableDef()

_PATH = "/v1/apps/{app}/volumes/{volume}/snapshots"
_GIB = 1024**3
_UNFINISHED = ("waiting", "running")


@routes.get(_PATH)
async def index(request: web.Request) -> web.Response:
    """Works for a deleted volume too, as long as it is listed."""
    volume = find_volume(request)
    found = cloud_of(request).world.snapshots_of(volume.id)
    return answer([snapshot_body(snapshot) for snapshot in found])


@routes.post(_PATH)
async def create(request: web.Request) -> web.Response:
    cloud, volume = cloud_of(request), find_volume(request)
    if volume.deleted_ms is not None:
        raise not_found("volume")
    for earlier in cloud.world.snapshots_of(volume.id):
        if earlier.status in _UNFINISHED:
            at = rfc3339(earlier.created_ms)
            raise precondition(f"snapshot is already scheduled at {at}")
    snapshot = _scheduled(volume)
    cloud.world.save_snapshot(snapshot)
    cloud.background(take(cloud, volume, snapshot))
    return answer({"Msg": {"backup": snapshot_body(snapshot)}})


async def take(cloud: Cloud, volume: Volume, snapshot: Snapshot) -> None:
    """Copy the volume's folder; what is stored is what changed since the one before."""
    timings, world, disks = cloud.settings.timings, cloud.world, cloud.disks
    await asyncio.sleep(timings.snapshot_wait)
    snapshot.status = "running"
    world.save_snapshot(snapshot)
    lag = asyncio.create_task(asyncio.sleep(timings.snapshot_run))
    target = disks.snapshot(snapshot.id)
    if not cloud.settings.simulated:
        await asyncio.to_thread(copy_tree, disks.volume(volume.id), target)
        done = [one for one in world.snapshots_of(volume.id) if one.status == "created"]
        before = disks.snapshot(done[-1].id) if done else None
        snapshot.size = await asyncio.to_thread(changed_bytes, target, before)
    await lag
    snapshot.digest = hashlib.sha256(snapshot.id.encode()).hexdigest()[:32] + "-1"
    snapshot.status = "created"
    world.save_snapshot(snapshot)


def unfinished(cloud: Cloud) -> list[tuple[Volume, Snapshot]]:
    """What a restart of Local Fly interrupted."""
    return [
        (cloud.world.volumes[snapshot.volume_id], snapshot)
        for snapshot in cloud.world.snapshots.values()
        if snapshot.status in _UNFINISHED and snapshot.volume_id in cloud.world.volumes
    ]


def _scheduled(volume: Volume) -> Snapshot:
    return Snapshot(
        id=snapshot_id(),
        app_name=volume.app_name,
        volume_id=volume.id,
        status="waiting",
        size=0,
        volume_size=volume.size_gb * _GIB,
        digest="",
        created_ms=now_ms(),
        retention_days=volume.snapshot_retention,
    )
