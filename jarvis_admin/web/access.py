"""Deny by default: a route that names no right is answered to nobody."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from htmx_flask import make_response

from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Forbidden
from jarvis_admin.services.staff import SignedIn
from jarvis_admin.web.fragments import wants_fragment
from jarvis_admin.web.local_paths import page_path

View = TypeVar("View", bound=Callable[..., Any])

_PUBLIC = "public"


def needs(right: Right) -> Callable[[View], View]:
    return lambda view: _mark(view, right)


def public(view: View) -> View:
    """Anybody on the internet may ask: sign-in, health, static files."""
    return _mark(view, _PUBLIC)


def right_of(view: Callable[..., Any]) -> str | None:
    """What a view was marked with; None: it was forgotten, and nobody may ask."""
    return getattr(view, "needed_right", None)


def visitor() -> SignedIn | None:
    """Who is signed in, if anybody."""
    known: Any = current_user._get_current_object()
    return known if isinstance(known, SignedIn) else None


def staff() -> SignedIn:
    """Who is behind this request; only behind `needs`."""
    known = visitor()
    assert known is not None
    return known


def init_app(app: Flask) -> None:
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # 404 and 405 are answered to everybody alike
    right = right_of(current_app.view_functions[request.endpoint])
    if right == _PUBLIC:
        return None
    person = visitor()
    if person is None:
        return _to_sign_in()
    if right is None or right not in person.rights:
        raise Forbidden("Your role does not allow this. An admin can give you another one.")
    return None


def _to_sign_in() -> ResponseReturnValue:
    if wants_fragment():
        # A redirect would be followed silently and the sign-in page land inside a table cell.
        return make_response("", 200, redirect=_sign_in_and_back(_page_in_the_browser()))
    asked = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(_sign_in_and_back(asked), 303)


def _sign_in_and_back(path: str) -> str:
    query = f"?{urlencode({'next': path})}" if path else ""
    return url_for("sign_in.form") + query


def _page_in_the_browser() -> str:
    """The page that a fragment was asked for; what the header says of the host is not believed."""
    try:
        said = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return ""
    return page_path(said.path + (f"?{said.query}" if said.query else ""), "")


def _mark(view: View, right: str) -> View:
    view.needed_right = right  # type: ignore[attr-defined]
    return view
