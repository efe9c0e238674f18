"""Prometheus's HTTP API, at the place where Fly has it: /prometheus/<org>/api/v1/…

The token is checked like everybody's, in the middleware; what is below answers in Prometheus's
own envelope.
"""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import wraps

from aiohttp import web

from localfly.auth import check_org
from localfly.cloud import cloud_of
from localfly.http import answer
from localfly.prometheus import answers
from localfly.prometheus.durations import instant, step
from localfly.prometheus.errors import QueryError, bad_parameter
from localfly.prometheus.matchers import Labels
from localfly.prometheus.nodes import Selector
from localfly.prometheus.parser import parse

routes = web.RouteTableDef()

_API = "/prometheus/{org}/api/v1"

Parameters = Mapping[str, str]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Asked = Callable[[web.Request, Parameters], object]


def _room(path: str) -> Callable[[Asked], Asked]:
    """Serve it by GET and by a POST form, to the organization alone."""

    def register(handler: Asked) -> Asked:
        @wraps(handler)
        async def serve(request: web.Request) -> web.Response:
            check_org(request.match_info["org"], cloud_of(request).settings.org)
            form = await request.post() if request.method == "POST" else {}
            given = {name: value for name, value in form.items() if isinstance(value, str)}
            try:
                return answer(handler(request, {**request.query, **given}))
            except QueryError as error:
                return answer(error.body(), error.status)

        for method in ("GET", "POST"):
            routes.route(method, _API + path)(serve)
        return handler

    return register


@_room("/query")
def query(request: web.Request, asked: Parameters) -> object:
    at = instant("time", asked["time"]) if asked.get("time") else time.time()
    return answers.query(cloud_of(request).metrics, asked.get("query", ""), at)


@_room("/query_range")
def query_range(request: web.Request, asked: Parameters) -> object:
    start, end = (instant(name, asked.get(name, "")) for name in ("start", "end"))
    every = step(asked.get("step", ""))
    return answers.query_range(cloud_of(request).metrics, asked.get("query", ""), start, end, every)


@_room("/series")
def series(request: web.Request, asked: Parameters) -> object:
    if not asked.get("match[]"):
        raise QueryError("no match[] parameter provided")
    return answers.success(list(_matched(request, asked)))


@_room("/labels")
def labels(request: web.Request, asked: Parameters) -> object:
    return answers.success(sorted({name for one in _matched(request, asked) for name in one}))


@_room("/label/{name}/values")
def values(request: web.Request, asked: Parameters) -> object:
    name = request.match_info["name"]
    found = {one[name] for one in _matched(request, asked) if name in one}
    return answers.success(sorted(found))


def _matched(request: web.Request, asked: Parameters) -> Iterator[Labels]:
    """The labels of what has samples between `start` and `end`; one `match[]` at most."""
    node = parse(asked.get("match[]") or '{__name__=~".+"}')
    if not isinstance(node, Selector) or node.window is not None:
        raise bad_parameter("match[]", "must be a plain selector")
    start = instant("start", asked["start"]) if asked.get("start") else 0.0
    end = instant("end", asked["end"]) if asked.get("end") else time.time()
    for one in cloud_of(request).metrics.select(node.matchers):
        if one.latest(start, end) is not None:
            yield one.labels
