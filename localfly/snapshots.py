"""Snapshots of volumes: asked for and listed."""

from typing import Any

from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import not_found, precondition
from localfly.http import answer
from localfly.ids import rfc3339
from localfly.lookup import find_app, find_live_volume
from localfly.state import NOT_MOUNTABLE, Snapshot
from localfly.taking import schedule, unfinished_of

routes = web.RouteTableDef()

_PATH = "/v1/apps/{app}/volumes/{volume}/snapshots"


@routes.get(_PATH)
async def index(request: web.Request) -> web.Response:
    """Works for a deleted volume too, as long as one of its snapshots lives."""
    app, world = find_app(request), cloud_of(request).world
    volume_id = request.match_info["volume"]
    volume = world.volumes.get(volume_id)
    found = [one for one in world.snapshots_of(volume_id) if one.app_name == app.name]
    if not found and (volume is None or volume.app_name != app.name):
        raise not_found("volume")
    return answer([_body(snapshot) for snapshot in found])


@routes.post(_PATH)
async def create(request: web.Request) -> web.Response:
    cloud, volume = cloud_of(request), find_live_volume(request)
    if volume.state in NOT_MOUNTABLE:
        raise precondition(f"volume is not ready, currently {volume.state}")
    earlier = unfinished_of(cloud, volume)
    if earlier is not None:
        raise precondition(f"snapshot is already scheduled at {rfc3339(earlier.created_ms)}")
    return answer({"Msg": {"backup": _body(schedule(cloud, volume))}})


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
