"""How often somebody may fail to sign in: per address and per account."""

from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

PER_ADDRESS = "20 per 15 minutes"
PER_ACCOUNT = "5 per 15 minutes"


def init_app(app: Flask) -> None:
    """After the blueprints: it wraps the view that signs in."""
    # Memory is per process; argon2 slows a guesser more than the count of processes helps one.
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    view: Any = app.view_functions["sign_in.enter"]
    view = limiter.limit(PER_ADDRESS, deduct_when=_failed)(view)
    view = limiter.limit(PER_ACCOUNT, key_func=_account, deduct_when=_failed)(view)
    app.view_functions["sign_in.enter"] = view


def _account() -> str:
    return request.form.get("email", "").strip().lower()[:254]


def _failed(response: Response) -> bool:
    return response.status_code == 422
