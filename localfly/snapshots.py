"""Snapshots of volumes: asked for and listed."""

from typing import Any

from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import not_found, precondition
from localfly.http import answer
from localfly.ids import now_ms, rfc3339, snapshot_id
from localfly.lookup import find_volume
from localfly.state import Snapshot, Volume
from localfly.taking import UNFINISHED, take

routes = web.RouteTableDef()

_PATH = "/v1/apps/{app}/volumes/{volume}/snapshots"
_GIB = 1024**3


@routes.get(_PATH)
async def index(request: web.Request) -> web.Response:
    """Works for a deleted volume too, as long as it is listed."""
    volume = find_volume(request)
    found = cloud_of(request).world.snapshots_of(volume.id)
    return answer([_body(snapshot) for snapshot in found])


@routes.post(_PATH)
async def create(request: web.Request) -> web.Response:
    cloud, volume = cloud_of(request), find_volume(request)
    if volume.deleted_ms is not None:
        raise not_found("volume")
    for earlier in cloud.world.snapshots_of(volume.id):
        if earlier.status in UNFINISHED:
            at = rfc3339(earlier.created_ms)
            raise precondition(f"snapshot is already scheduled at {at}")
    snapshot = _scheduled(volume)
    cloud.world.save_snapshot(snapshot)
    cloud.background(take(cloud, volume, snapshot))
    return answer({"Msg": {"backup": _body(snapshot)}})


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


def _body(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "size": snapshot.size,
        "volume_size": snapshot.volume_size,
        "digest": snapshot.digest,
        "created_at": rfc3339(snapshot.created_ms).replace("Z", "+00:00"),
        "status": snapshot.status,
        "retention_days": snapshot.retention_days,
    }
