"""Forms are answered only when they come from a page of ours."""

from flask import Flask
from flask_wtf import CSRFProtect


def init_app(app: Flask) -> None:
    # Bound to the session cookie, which has an end of its own: an open page stays usable.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    CSRFProtect(app)  # type: ignore[no-untyped-call]
