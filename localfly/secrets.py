"""Secrets of an app: written and counted, never read back."""

import hashlib
from typing import Any

import msgspec
from aiohttp import web

from localfly.cloud import cloud_of
from localfly.errors import not_found
from localfly.http import answer, read
from localfly.ids import now_ms, rfc3339
from localfly.lookup import find_app
from localfly.state import App, Secret

routes = web.RouteTableDef()

_ALL = "/v1/apps/{app}/secrets"
_ONE = _ALL + "/{name}"


class Values(msgspec.Struct):
    values: dict[str, str | None]


class Value(msgspec.Struct):
    value: str


@routes.get(_ALL)
async def index(request: web.Request) -> web.Response:
    app = find_app(request)
    return answer({"secrets": [_row(app.secrets[name]) for name in sorted(app.secrets)]})


@routes.post(_ALL)
async def set_many(request: web.Request) -> web.Response:
    """All of them make one new version; null deletes."""
    app, values = find_app(request), (await read(request, Values)).values
    for name, value in values.items():
        if value is None:
            app.secrets.pop(name, None)
        else:
            app.secrets[name] = _changed(app.secrets.get(name), name, value)
    version = _next_version(request, app)
    rows = [_row(app.secrets[name]) for name, value in values.items() if value is not None]
    return answer({"secrets": rows, **version})


@routes.get(_ONE)
async def show(request: web.Request) -> web.Response:
    return answer(_row(_find(find_app(request), request)))


@routes.post(_ONE)
async def set_one(request: web.Request) -> web.Response:
    app, name = find_app(request), request.match_info["name"]
    secret = _changed(app.secrets.get(name), name, (await read(request, Value)).value)
    app.secrets[name] = secret
    return answer({**_row(secret), **_next_version(request, app)}, 201)


@routes.delete(_ONE)
async def delete_one(request: web.Request) -> web.Response:
    app = find_app(request)
    del app.secrets[_find(app, request).name]
    return answer(_next_version(request, app))


def _find(app: App, request: web.Request) -> Secret:
    secret = app.secrets.get(request.match_info["name"])
    if secret is None:
        raise not_found("secret")
    return secret


def _changed(before: Secret | None, name: str, value: str) -> Secret:
    now = now_ms()
    return Secret(
        name=name,
        value=value,
        digest=hashlib.sha256(value.encode()).hexdigest()[:32],
        created_ms=before.created_ms if before else now,
        updated_ms=now,
    )


def _next_version(request: web.Request, app: App) -> dict[str, int]:
    app.secrets_version += 1
    cloud_of(request).world.save_app(app)
    return {"version": app.secrets_version, "Version": app.secrets_version}


def _row(secret: Secret) -> dict[str, Any]:
    return {
        "name": secret.name,
        "digest": secret.digest,
        "created_at": rfc3339(secret.created_ms),
        "updated_at": rfc3339(secret.updated_ms),
    }
