"""The HTTP server: every route, and what runs beside them."""

from collections.abc import AsyncIterator

from aiohttp import web

from localfly import (
    actions,
    apps,
    commands,
    histories,
    ips,
    janitor,
    leases,
    local,
    localfaults,
    localmetrics,
    machinelist,
    machines,
    metadata,
    orglist,
    platform,
    ps,
    queries,
    secrets,
    snapshots,
    volumes,
    wait,
)
from localfly.cloud import CLOUD, Cloud
from localfly.middleware import guard, record, translate
from localfly.settings import Settings

_ROOMS = (
    actions,
    apps,
    commands,
    histories,
    ips,
    leases,
    local,
    localfaults,
    localmetrics,
    machinelist,
    machines,
    metadata,
    orglist,
    platform,
    ps,
    queries,
    secrets,
    snapshots,
    volumes,
    wait,
)
_MAX_BODY = 1024**3  # a fleet of 100,000 is imported in one body


def create_app(settings: Settings) -> web.Application:
    app = web.Application(middlewares=[record, translate, guard], client_max_size=_MAX_BODY)
    for room in _ROOMS:
        app.add_routes(room.routes)
    app[CLOUD] = Cloud.open(settings)
    app.cleanup_ctx.append(_run)
    return app


async def _run(app: web.Application) -> AsyncIterator[None]:
    cloud = app[CLOUD]
    cloud.recover()
    janitor.finish_interrupted(cloud)
    cloud.background(janitor.run(cloud))
    cloud.background(cloud.metrics.run())
    yield
    await cloud.close()
