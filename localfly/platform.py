"""Regions, placements, and what the token is."""

import msgspec
from aiohttp import web

from localfly.auth import check_org
from localfly.cloud import cloud_of
from localfly.http import answer, read
from localfly.regions import NEAREST, REGIONS, candidates

routes = web.RouteTableDef()

_LIMIT_PER_REGION = 100


class Placement(msgspec.Struct):
    org_slug: str = ""
    region: str = "any"
    count: int = 1


@routes.get("/v1/platform/regions")
async def regions(_: web.Request) -> web.Response:
    """The live service writes these keys with capitals."""
    return answer({"Regions": list(REGIONS.values()), "Nearest": NEAREST})


@routes.post("/v1/platform/placements")
async def placements(request: web.Request) -> web.Response:
    """A region without room is simply missing."""
    cloud, wish = cloud_of(request), await read(request, Placement)
    check_org(wish.org_slug or cloud.settings.org, cloud.settings.org)
    count = wish.count or _LIMIT_PER_REGION
    rows = [
        {"Region": code, "Count": count, "Concurrency": count}
        for code in candidates(wish.region)
        if code not in cloud.faults.full_regions
    ]
    return answer({"Regions": rows})


@routes.get("/v1/tokens/current")
async def current_token(request: web.Request) -> web.Response:
    org = cloud_of(request).settings.org
    token = {
        "token_id": "local-fly",
        "organization": org,
        "org_slug": org,
        "apps": ["*"],
        "user": "local-fly@example.com",
        "restricted_to_machine": "",
        "source_machine_id": "",
    }
    return answer({"tokens": [token]})
