"""Files of users as downloads: saved, never shown, and never whole when they are not."""

import threading
from collections.abc import Iterator

from flask import Response

from jarvis_admin.domain.file_names import attachment
from jarvis_admin.errors import Conflict

# Each holds one of the process's threads until the browser has it all.
_MOST_AT_ONCE = 2
_slots = threading.BoundedSemaphore(_MOST_AT_ONCE)


def send(pieces: Iterator[bytes], name: bytes, kind: str, size: int | None = None) -> Response:
    """What cannot be read at all is an error of its own: the first piece is fetched here. What
    fails later ends the answer before its announced end. Raises Conflict when too many run."""
    if not _slots.acquire(blocking=False):
        raise Conflict(f"{_MOST_AT_ONCE} downloads are under way: ask again when one has ended.")
    held = _held(pieces)
    next(held)
    response = Response(held, content_type=kind)
    if size is not None:
        response.content_length = size
    response.headers["Content-Disposition"] = attachment(name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Accept-Ranges"] = "none"
    return response


def _held(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The first thing it gives is nothing: with it the first piece is there."""
    try:
        first = next(pieces, b"")
        yield b""
        yield first
        yield from pieces
    finally:
        _slots.release()
