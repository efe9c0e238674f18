"""Flask-Login over our own session rows: the cookie holds a token, the database its hash."""

from datetime import UTC, datetime

from flask import Flask
from flask_login import LoginManager

from jarvis_admin.config import Settings
from jarvis_admin.services import staff
from jarvis_admin.services.staff import SignedIn
from jarvis_admin.web.session import db_reader


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-jarvis" if settings.secure_cookies else "jarvis",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=staff.SESSION_LENGTH,
        # The row decides how long a session lives; a poll need not renew the cookie.
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    manager = LoginManager()  # type: ignore[no-untyped-call]
    # The token is random, and its row can be deleted: no guess by address and browser needed.
    manager.session_protection = None  # type: ignore[assignment]
    manager.user_loader(_load)  # type: ignore[no-untyped-call]
    manager.init_app(app)  # type: ignore[no-untyped-call]


def _load(token: str) -> SignedIn | None:
    return staff.find_session(db_reader(), token, datetime.now(UTC))
