"""/metrics for Prometheus, and the time of each request in it."""

import hmac
import time

from flask import Blueprint, Flask, Response, current_app, g, request

from jarvis_admin import metrics
from jarvis_admin.config import Settings
from jarvis_admin.errors import Forbidden
from jarvis_admin.web.access import public

bp = Blueprint("metrics", __name__)

_LOOPBACK = {"127.0.0.1", "::1"}


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_observe)


@bp.get("/metrics")
@public
def show() -> Response:
    """With METRICS_TOKEN set: for who shows it. Without: for this machine alone."""
    settings: Settings = current_app.extensions["settings"]
    said = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.metrics_token:
        known = hmac.compare_digest(said.encode(), settings.metrics_token.encode())
    else:
        known = request.remote_addr in _LOOPBACK
    if not known:
        raise Forbidden("Metrics are for the monitoring only.")
    return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _begin() -> None:
    g.begun = time.perf_counter()


def _observe(response: Response) -> Response:
    if "begun" in g:
        seconds = time.perf_counter() - g.begun
        metrics.page_seconds(request.endpoint or "none", response.status_code).observe(seconds)
    return response
