"""The gate of a local folder: what a bucket does with a pre-signed URL, for laptops and tests.

`python -m jarvis_admin.storage` serves it on OBJECT_STORE_GATE. It knows two verbs on signed
paths and answers everything else with 403, without saying why.
"""

import contextlib
import os
import secrets
import socketserver
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment

from jarvis_admin.storage.permits import MOST_BYTES, Permit, Permits

_CHUNK = 1024 * 1024


class Gate:
    """A WSGI application over one folder."""

    def __init__(self, folder: Path, permits: Permits) -> None:
        self._folder, self._permits = folder.resolve(), permits

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        verb, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
        raw_path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        permit = self._permits.read(verb, raw_path, query, time.time())
        path = self._path(permit)
        if permit is None or path is None or verb not in ("GET", "PUT"):
            _drain(environ)
            return _answer(start, "403 Forbidden")
        try:
            if verb == "PUT":
                return _take(environ, start, path, permit.limit)
            return _give(environ, start, path)
        except OSError:
            return _answer(start, "507 Insufficient Storage")

    def _path(self, permit: Permit | None) -> Path | None:
        """Signed or not, nothing outside of the folder."""
        if permit is None:
            return None
        path = (self._folder / permit.key).resolve()
        return path if path.is_relative_to(self._folder) and path != self._folder else None


def _take(
    environ: WSGIEnvironment, start: StartResponse, path: Path, limit: int
) -> Iterable[bytes]:
    """Whole or not at all: a half body leaves nothing at the path."""
    length = _length(environ)
    if not 0 <= length <= limit:
        _drain(environ)
        return _answer(start, "413 Content Too Large")
    path.parent.mkdir(parents=True, exist_ok=True)
    # The store's listing hides a name that ends like this, so that a half file is never seen.
    half = path.with_name(f"{path.name}#{secrets.randbelow(10**9)}")
    try:
        with half.open("xb") as file:
            whole = _copy(environ["wsgi.input"], file, length)
        if not whole:
            return _answer(start, "400 Bad Request")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return _answer(start, "200 OK")


def _drain(environ: WSGIEnvironment) -> None:
    """Who is still sending would see a broken connection instead of the answer."""
    left = min(_length(environ), MOST_BYTES)
    while left > 0 and (chunk := environ["wsgi.input"].read(min(left, _CHUNK))):
        left -= len(chunk)


def _length(environ: WSGIEnvironment) -> int:
    """Of the body; -1 when it is not told."""
    try:
        return int(environ.get("CONTENT_LENGTH") or -1)
    except ValueError:
        return -1


def _copy(source: Any, target: BinaryIO, length: int) -> bool:
    while length:
        chunk = source.read(min(length, _CHUNK))
        if not chunk:
            return False
        target.write(chunk)
        length -= len(chunk)
    target.flush()
    os.fsync(target.fileno())
    return True


def _give(environ: WSGIEnvironment, start: StartResponse, path: Path) -> Iterable[bytes]:
    """With a range that goes on to the end, so that a lost connection can be taken up."""
    if not path.is_file():
        return _answer(start, "404 Not Found")
    size, begin = path.stat().st_size, _begin(environ.get("HTTP_RANGE", ""))
    headers = [("Content-Length", str(max(size - begin, 0)))]
    start("206 Partial Content" if begin else "200 OK", headers)
    return _chunks(path, begin)


def _chunks(path: Path, begin: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(begin)
        while chunk := file.read(_CHUNK):
            yield chunk


def _begin(header: str) -> int:
    with contextlib.suppress(ValueError):
        return int(header.removeprefix("bytes=").removesuffix("-"))
    return 0


def _answer(start: StartResponse, status: str) -> Iterable[bytes]:
    start(status, [("Content-Length", "0")])
    return []


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its own name)
        """Its lines would hold signatures."""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


def make_server(folder: Path, permits: Permits, host: str, port: int) -> WSGIServer:
    """Port 0 takes a free one; `serve_forever` and `shutdown` are the caller's."""
    server = _Server((host, port), _Quiet)
    server.set_app(Gate(folder, permits))
    return server
