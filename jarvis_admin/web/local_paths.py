"""Where a form may send somebody next: only within this console."""

from urllib.parse import urlsplit


def local_path(wanted: str | None, otherwise: str) -> str:
    """`wanted` if it is a path of ours, else `otherwise`."""
    if not wanted or not wanted.startswith("/") or not wanted.isprintable():
        return otherwise
    # Browsers read a backslash as a slash, so `/\\host` would leave like `//host`.
    parts = urlsplit(wanted.replace("\\", "/"))
    return otherwise if parts.netloc or parts.scheme or wanted[1:2] in {"/", "\\"} else wanted
