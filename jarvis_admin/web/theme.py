"""POST /theme: light, dark, or as the system says."""

from flask import Blueprint, Flask, current_app, redirect, request
from flask.typing import ResponseReturnValue

from jarvis_admin.web.access import public
from jarvis_admin.web.local_paths import local_path

bp = Blueprint("theme", __name__)

_COOKIE = "theme"
_CHOICES = ("auto", "light", "dark")
_YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_global(theme)


def theme() -> str:
    chosen = request.cookies.get(_COOKIE, "auto")
    return chosen if chosen in _CHOICES else "auto"


@bp.post("/theme")
@public
def choose() -> ResponseReturnValue:
    chosen = request.form.get("theme", "auto")
    response = redirect(local_path(request.form.get("next"), "/"), 303)
    response.set_cookie(
        _COOKIE,
        chosen if chosen in _CHOICES else "auto",
        max_age=_YEAR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response
