"""PUT and GET of pre-signed URLs, tried again while that may help."""

import http.client
import time
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import SplitResult, urlsplit

from archiver.errors import Code, Trouble

Body = bytes | bytearray | memoryview | BinaryIO

_CHUNK = 256 * 1024
_SILENCE_SECONDS = 60.0
_PAUSES = (0.2, 0.5, 1, 2, 5, 10, 20, 30, 30)  # about 100 s: the store may be starting anew
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class _Passing(Exception):
    """Refused for now."""


def put(url: str, body: Body, size: int) -> None:
    """A file is sent from its beginning."""
    for pause in (*_PAUSES, None):
        try:
            return _put_once(url, body, size)
        except (OSError, http.client.HTTPException, _Passing) as error:
            _rest(pause, url, error)
    raise AssertionError("the last pause is None")


def get(url: str) -> Iterator[bytes]:
    """Goes on where a lost connection ended."""
    begin, pauses = 0, iter(_PAUSES)
    while True:
        try:
            for chunk in _get_from(url, begin):
                yield chunk
                begin, pauses = begin + len(chunk), iter(_PAUSES)
        except (OSError, http.client.HTTPException, _Passing) as error:
            _rest(next(pauses, None), url, error)
        else:
            return


def _put_once(url: str, body: Body, size: int) -> None:
    if not isinstance(body, bytes | bytearray | memoryview):
        body.seek(0)
    connection, path = _connect(url)
    try:
        connection.request("PUT", path, body, {"Content-Length": str(size)})
        answer = connection.getresponse()
        answer.read()
        _refuse(url, answer.status)
    finally:
        connection.close()


def _get_from(url: str, begin: int) -> Iterator[bytes]:
    connection, path = _connect(url)
    try:
        connection.request("GET", path, headers={"Range": f"bytes={begin}-"} if begin else {})
        answer = connection.getresponse()
        _refuse(url, answer.status)
        if begin and answer.status != 206:
            answer.read(begin)  # a server without ranges sends it all again
        while chunk := answer.read(_CHUNK):
            yield chunk
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)
    finally:
        connection.close()


def _connect(url: str) -> tuple[http.client.HTTPConnection, str]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    path = SplitResult("", "", parts.path, parts.query, "").geturl()
    return kind(parts.netloc, timeout=_SILENCE_SECONDS, blocksize=_CHUNK), path


def _refuse(url: str, status: int) -> None:
    if status in _PASSING:
        raise _Passing(f"status {status}")
    if status >= 300:
        raise Trouble(Code.REFUSED, f"The store refused {_subject(url)} with status {status}.")


def _rest(pause: float | None, url: str, error: Exception) -> None:
    if pause is None:
        sentence = f"The store did not take or give {_subject(url)}: {error}."
        raise Trouble(Code.NO_STORE, sentence) from error
    time.sleep(pause)


def _subject(url: str) -> str:
    """Without the query, which is the permission."""
    return urlsplit(url).path.rpartition("/")[2]
