"""Live areas: what their badge says, and whether anything changed since they were last sent."""

from datetime import datetime
from functools import cached_property, lru_cache
from zlib import crc32

from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.rights import Right
from jarvis_admin.services.pulse import Pulse
from jarvis_admin.web.access import staff


class Live:
    """The state of the fleet as one request sees it; templates know it as `live`."""

    def __init__(self, pulse: Pulse, now: datetime) -> None:
        age = pulse.age(now)
        self.now = now
        self.pulse = pulse
        self.late = pulse.late(now)
        self.age = -1 if age is None else int(age.total_seconds())

    @cached_property
    def etag(self) -> str:
        """Of the fragment at this address: known before any row is read.

        The minute is in it because ages are in the page, the rights because buttons are.
        """
        address = request.path.encode() + b"?" + request.query_string
        seen = f"{_names(staff().rights)}|{self.late}|".encode() + address
        version = current_app.extensions["assets_version"]
        minute = int(self.now.timestamp()) // 60
        return f"{self.pulse.revision}-{minute}-{crc32(seen):x}-{version}"

    @property
    def unchanged(self) -> bool:
        """Ours is quoted and like no other, so it need not be parsed out of a list."""
        return f'"{self.etag}"' in request.headers.get("If-None-Match", "")

    def not_modified(self) -> ResponseReturnValue:
        return self.fragment("", 304)

    def fragment(self, html: str, status: int = 200) -> Response:
        """A live fragment: may be kept, must be asked for again."""
        headers = {"ETag": f'"{self.etag}"', "Cache-Control": "private, no-cache"}
        return Response(html, status, headers)


def read(now: datetime) -> Live:
    """The pulse that was read at sign-in; every answer then carries the age of the data."""
    g.live = Live(g.pulse, now)
    return g.live  # type: ignore[no-any-return]


def init_app(app: Flask) -> None:
    app.after_request(_say_age)


@lru_cache(maxsize=64)
def _names(rights: frozenset[Right]) -> str:
    return ",".join(sorted(rights))


def _say_age(response: Response) -> Response:
    live: Live | None = g.get("live")
    if live is not None:
        response.headers["X-Data-Age"] = str(max(live.age, 0))
        if live.late:
            response.headers["X-Data-Late"] = live.late
    return response
