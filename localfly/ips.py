"""IP assignments: rows only, nothing listens on them."""

import secrets
from typing import Any

import msgspec
from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import ApiError, bad_request, not_found
from localfly.http import answer, read
from localfly.ids import now_ms, rfc3339
from localfly.lookup import find_app
from localfly.state import IpAssignment

routes = web.RouteTableDef()

_ALL = "/v1/apps/{app}/ip_assignments"
_TYPES = ("v4", "v6", "shared_v4", "private_v6", "egress_v4", "egress_v6", "egress_pair")


class NewIp(msgspec.Struct):
    type: str
    network: str = ""
    region: str = ""
    service_name: str = ""


@routes.get(_ALL)
async def index(request: web.Request) -> web.Response:
    org = cloud_of(request).settings.org
    return answer({"ips": [_body(ip, org) for ip in find_app(request).ips]})


@routes.post(_ALL)
async def create(request: web.Request) -> web.Response:
    """A private address lies on the organization's default network unless told otherwise."""
    cloud, app = cloud_of(request), find_app(request)
    wish = await read(request, NewIp)
    if wish.type not in _TYPES:
        raise bad_request(f"invalid type {wish.type!r}")
    if wish.network and wish.network not in cloud.world.networks():
        raise ApiError(400, "network not found")
    private = wish.type == "private_v6"
    ip = IpAssignment(
        ip=_address(wish.type),
        type=wish.type,
        region=wish.region or ("" if wish.type == "shared_v4" else "global"),
        service_name=wish.service_name,
        created_ms=now_ms(),
        network=(wish.network or "default") if private else None,
    )
    app.ips = [*app.ips, ip]
    cloud.world.save_app(app)
    return answer(_body(ip, cloud.settings.org))


@routes.delete(_ALL + "/{ip}")
async def delete(request: web.Request) -> web.Response:
    app, address = find_app(request), request.match_info["ip"]
    left = [ip for ip in app.ips if ip.ip != address]
    if len(left) == len(app.ips):
        raise not_found("ip assignment")
    app.ips = left
    cloud_of(request).world.save_app(app)
    return web.Response(status=204)


def _address(kind: str) -> str:
    if kind.endswith("v4"):
        return f"66.241.{124 + secrets.randbelow(2)}.{1 + secrets.randbelow(254)}"
    prefix = "fdaa:9:d844:0:1::" if kind == "private_v6" else "2a09:8280:1::"
    return prefix + secrets.token_hex(2)


def _body(ip: IpAssignment, org: str) -> dict[str, Any]:
    return {
        "ip": ip.ip,
        "type": ip.type,
        "region": ip.region,
        "shared": ip.type == "shared_v4",
        "service_name": ip.service_name,
        "created_at": rfc3339(ip.created_ms),
        "egress": ip.type.startswith("egress"),
        "network": {"name": ip.network, "org_slug": org} if ip.network else None,
    }
