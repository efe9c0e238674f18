"""Apps: create, list, show, delete with everything in them, deploy tokens."""

import re
import zlib
from typing import Any

import msgspec
from aiohttp import web

from localfly.auth import check_org
from localfly.cloud import Cloud, cloud_of
from localfly.errors import ApiError, bad_request
from localfly.http import answer, read
from localfly.ids import app_id, now_ms
from localfly.lookup import find_app, is_foreign
from localfly.state import App
from localfly.teardown import tear_down

routes = web.RouteTableDef()

_NAME = re.compile(r"[a-z0-9-]{1,62}")
_NETWORK = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_ORG_NUMBER = 88231
_FIRST_NUMBER = 1_700_000


class NewApp(msgspec.Struct):
    name: str = ""
    app_name: str = ""
    org_slug: str = ""
    network: str = ""


@routes.post("/v1/apps")
async def create(request: web.Request) -> web.Response:
    cloud, wish = cloud_of(request), await read(request, NewApp)
    name = wish.name or wish.app_name
    check_org(wish.org_slug, cloud.settings.org)
    if not _NAME.fullmatch(name):
        raise ApiError(
            422,
            "Validation failed: Name under 63 chars using numbers, lowercase letters and dashes",
        )
    if name in cloud.world.apps or is_foreign(cloud, name):
        raise ApiError(422, "Validation failed: Name has already been taken", "name_taken")
    if wish.network and not _NETWORK.fullmatch(wish.network):
        raise bad_request("invalid network name")
    app = new_app(name, wish.network)
    cloud.world.save_app(app)
    return answer({"id": app.id, "created_at": app.created_ms}, 201)


@routes.get("/v1/apps")
async def index(request: web.Request) -> web.Response:
    cloud = cloud_of(request)
    if "org_slug" not in request.query:
        raise bad_request("org_slug is required")
    check_org(request.query["org_slug"], cloud.settings.org)
    rows = [_row(cloud, app) for app in cloud.world.apps.values()]
    return answer({"total_apps": len(rows), "apps": rows})


@routes.get("/v1/apps/{app}")
async def show(request: web.Request) -> web.Response:
    cloud, app = cloud_of(request), find_app(request)
    org = cloud.settings.org
    name = org.replace("-", " ").title()
    row = _row(cloud, app)
    return answer(
        {
            **row,
            "status": "deployed" if row["machine_count"] else "pending",
            "organization": {"name": name, "slug": org, "internal_numeric_id": _ORG_NUMBER},
        }
    )


@routes.delete("/v1/apps/{app}")
async def destroy(request: web.Request) -> web.Response:
    """Answers at once; the app stays visible until all that is in it is gone."""
    cloud, app = cloud_of(request), find_app(request)
    if not app.deleting:
        app.deleting = True
        cloud.world.save_app(app)
        cloud.background(tear_down(cloud, app))
    return web.Response(status=202)


@routes.post("/v1/apps/{app}/deploy_token")
async def deploy_token(request: web.Request) -> web.Response:
    """The one token there is; Local Fly does not tell scopes apart."""
    find_app(request)
    await read(request, dict)
    return answer({"token": f"FlyV1 {cloud_of(request).settings.token}"})


def new_app(name: str, network: str) -> App:
    return App(
        id=app_id(),
        number=_FIRST_NUMBER + zlib.crc32(name.encode()) % _FIRST_NUMBER,
        name=name,
        network=network or "default",
        created_ms=now_ms(),
    )


def _row(cloud: Cloud, app: App) -> dict[str, Any]:
    machines = cloud.world.machines_of(app.name)
    volumes = cloud.world.volumes_of(app.name)
    return {
        "id": app.id,
        "internal_numeric_id": app.number,
        "name": app.name,
        "machine_count": sum(not machine.gone for machine in machines),
        "volume_count": sum(volume.deleted_ms is None for volume in volumes),
        "network": app.network,
    }
