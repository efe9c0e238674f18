"""Paths of users' files in addresses: bytes, percent-encoded, whatever they spell."""

from urllib.parse import parse_qsl, quote

from flask import request


def asked_path() -> bytes:
    """Of `?path=`, as bytes; Flask's own reading of a query takes everything for UTF-8."""
    query = request.query_string.decode("ascii", "surrogateescape")
    given = dict(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"))
    return given.get("path", "").encode("utf-8", "surrogateescape").strip(b"/")


def with_path(url: str, path: bytes) -> str:
    return f"{url}?path={quote(path)}" if path else url
