"""One id per request, in every log line and in the answer."""

import re
import secrets

import structlog
from flask import Flask, Response, g, request

_SANE = re.compile(r"[A-Za-z0-9_-]{8,64}")


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_echo)


def _begin() -> None:
    said = request.headers.get("X-Request-Id") or request.headers.get("Fly-Request-Id") or ""
    g.request_id = said if _SANE.fullmatch(said) else secrets.token_hex(8)
    # A thread serves one request after the other; nothing else is ever bound in it.
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _echo(response: Response) -> Response:
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
    return response
