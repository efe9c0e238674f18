"""Flask-Login over our own session rows: the cookie holds a token, the database its hash."""

from copy import deepcopy
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, g
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager
from itsdangerous import BadSignature

from jarvis_admin.config import Settings
from jarvis_admin.services import staff
from jarvis_admin.services.staff import SignedIn
from jarvis_admin.web.session import db_connection


class _Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie. A browser shows the same one with every poll: it is verified once."""

    def __init__(self) -> None:
        self._verify = lru_cache(maxsize=1024)(self._read)  # what raises is not kept

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        try:
            cookie = request.cookies.get(app.config["SESSION_COOKIE_NAME"], "")
            said, signed_at = self._verify(app, cookie)
        except BadSignature:
            return self.session_class()
        if datetime.now(UTC) - signed_at > app.permanent_session_lifetime:
            return self.session_class()
        return self.session_class(deepcopy(said))  # this request may change its own

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            response.vary.add("Cookie")

    def _read(self, app: Flask, cookie: str) -> tuple[dict[str, Any], datetime]:
        serializer = self.get_signing_serializer(app)
        assert serializer is not None  # there is no start without SECRET_KEY
        said, signed_at = serializer.loads(cookie, return_timestamp=True)
        return said, signed_at


class _Manager(LoginManager):
    """Without what Flask-Login asks of every request for features that nobody uses here.

    The token is random, and its row can be deleted: no guess by address and browser is needed.
    """

    def _session_protection_failed(self) -> bool:
        return False

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


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
    app.session_interface = _Cookies()
    manager = _Manager()  # type: ignore[no-untyped-call]
    manager.user_loader(_load)  # type: ignore[no-untyped-call]
    manager.init_app(app)  # type: ignore[no-untyped-call]


def _load(token: str) -> SignedIn | None:
    found = staff.find_session(db_connection(), token, datetime.now(UTC))
    if found is None:
        return None
    person, g.pulse = found  # the pulse for `live`
    return person
