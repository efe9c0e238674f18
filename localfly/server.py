"""The HTTP server: every route, and what surrounds each request."""

from collections.abc import AsyncIterator, Awaitable, Callable

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
    machines,
    metadata,
    orglist,
    platform,
    secrets,
    snapshots,
    volumes,
    wait,
)
from localfly.auth import check_token
from localfly.cloud import CLOUD, Call, Cloud, cloud_of
from localfly.errors import ApiError
from localfly.http import answer
from localfly.ids import now_ms, ulid
from localfly.limits import RateLimited
from localfly.settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ROOMS = (
    actions,
    apps,
    commands,
    histories,
    ips,
    leases,
    local,
    machines,
    metadata,
    orglist,
    platform,
    secrets,
    snapshots,
    volumes,
    wait,
)
_MAX_BODY = 1024**3  # a fleet of 100,000 is imported in one body


def create_app(settings: Settings) -> web.Application:
    app = web.Application(middlewares=[_record, _translate, _guard], client_max_size=_MAX_BODY)
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
    yield
    await cloud.close()


@web.middleware
async def _record(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Stamp every answer as Fly does, and remember the call."""
    response = await handler(request)
    response.headers["fly-request-id"] = f"{ulid()}-lcl"
    response.headers["Server"] = "Fly/local"
    call = Call(request.method, request.path_qs, response.status, now_ms())
    cloud_of(request).calls.append(call)
    return response


@web.middleware
async def _translate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals become Fly's error bodies."""
    try:
        return await handler(request)
    except RateLimited as error:
        response = answer(error.body(), error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    except ApiError as error:
        return answer(error.body(), error.status)
    except web.HTTPException as error:
        return answer({"error": (error.reason or "unknown error").lower()}, error.status)


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Token, faults and rate limits, in this order."""
    cloud = cloud_of(request)
    check_token(request, cloud.settings.token)
    if not request.path.startswith("/v1/"):
        return await handler(request)
    await cloud.faults.before(request)
    if cloud.limiter is not None:
        cloud.limiter.check(request)
    response = await handler(request)
    cloud.faults.after(request)
    return response
