"""Fly's documented rate limits: so many a second for one action on one thing."""

import time
from dataclasses import dataclass

from aiohttp import web

from localfly.errors import ApiError


@dataclass(frozen=True)
class Limit:
    per_second: float
    burst: int


_ANY = Limit(1.0, 3)
_GET_MACHINE = Limit(5.0, 10)
_APP_DELETES = Limit(100 / 60, 100)
_MANY = 50_000


class RateLimited(ApiError):
    def __init__(self, retry_after: int) -> None:
        super().__init__(429, "rate limit exceeded")
        self.retry_after = retry_after


class Limiter:
    """Token buckets, by action and by machine or else by app."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def check(self, request: web.Request) -> None:
        rule = _rule(request)
        if rule is None:
            return
        key, limit = rule
        now = time.monotonic()
        tokens, then = self._buckets.get(key, (float(limit.burst), now))
        tokens = min(tokens + (now - then) * limit.per_second, limit.burst)
        if tokens < 1:
            raise RateLimited(max(1, round((1 - tokens) / limit.per_second)))
        if len(self._buckets) > _MANY:
            self._buckets.clear()
        self._buckets[key] = (tokens - 1, now)


def _rule(request: web.Request) -> tuple[tuple[str, str], Limit] | None:
    resource = request.match_info.route.resource
    if resource is None or not request.path.startswith("/v1/"):
        return None
    action = f"{request.method} {resource.canonical}"
    app = request.match_info.get("app")
    if app is None:
        return None  # what identifies an organization-wide call is not known
    machine = request.match_info.get("machine")
    if machine is None and action.startswith("DELETE") and resource.canonical.endswith("{app}"):
        return (action, "organization"), _APP_DELETES
    if machine is not None and request.method == "GET" and resource.canonical.endswith("{machine}"):
        return (action, machine), _GET_MACHINE
    return (action, machine or app), _ANY
