"""What surrounds each request: who asks, what goes wrong on request, how refusals look."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from localfly.auth import check_token
from localfly.cloud import Call, cloud_of
from localfly.errors import ApiError, HostUnreachable, deadline
from localfly.http import answer
from localfly.ids import now_ms, ulid
from localfly.limits import RateLimited

_FLYS_OWN = ("/v1/", "/prometheus/")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Stamp every answer as Fly does, and remember the call."""
    response = await handler(request)
    response.headers["fly-request-id"] = f"{ulid()}-lcl"
    response.headers["Server"] = "Fly/local"
    call = Call(request.method, request.path_qs, response.status, now_ms())
    cloud_of(request).calls.append(call)
    return response


@web.middleware
async def translate(request: web.Request, handler: Handler) -> web.StreamResponse:
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
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Token, faults and rate limits, in this order."""
    cloud = cloud_of(request)
    check_token(request, cloud.settings.token)
    if not request.path.startswith(_FLYS_OWN):
        return await handler(request)
    await cloud.faults.before(request)
    if cloud.limiter is not None:
        cloud.limiter.check(request)
    try:
        response = await handler(request)
    except HostUnreachable:
        patience = cloud.faults.unreachable_patience
        if patience is None:
            raise
        await asyncio.sleep(patience)
        raise deadline("host did not answer in time") from None
    cloud.faults.after(request)
    return response
