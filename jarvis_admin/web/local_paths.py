"""Where a form may send somebody next: only within this console."""

from urllib.parse import unquote, urlsplit

from flask import current_app, request
from werkzeug.exceptions import MethodNotAllowed, NotFound


def local_path(wanted: str | None, otherwise: str) -> str:
    """`wanted` if it is a path of ours, else `otherwise`."""
    if not wanted or not wanted.startswith("/") or not wanted.isprintable():
        return otherwise
    # Browsers read a backslash as a slash, so `/\\host` would leave like `//host`.
    parts = urlsplit(wanted.replace("\\", "/"))
    return otherwise if parts.netloc or parts.scheme or wanted[1:2] in {"/", "\\"} else wanted


def page_path(wanted: str | None, otherwise: str) -> str:
    """`wanted` if it is a page of ours: one that can be asked for, not only posted to."""
    path = local_path(wanted, "")
    pages = current_app.create_url_adapter(request)
    if not path or pages is None:
        return otherwise
    try:
        pages.match(unquote(urlsplit(path).path), method="GET")
    except (MethodNotAllowed, NotFound):
        return otherwise
    return path
