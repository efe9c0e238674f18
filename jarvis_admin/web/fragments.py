"""Full page or fragment: the one place that decides."""

from flask import Flask, Response
from htmx_flask import Htmx, request


def wants_fragment() -> bool:
    """True when htmx will swap the answer into a page that is already there.

    A boosted link and a history restore also carry HX-Request, but need the
    whole page.
    """
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def init_app(app: Flask) -> None:
    Htmx(app)
    app.after_request(_keep_caches_honest)


def _keep_caches_honest(response: Response) -> Response:
    # The same URL answers with a page or a fragment; a cache must not mix them.
    response.vary.add("HX-Request")
    return response
