"""Live areas: what their badge says, and whether anything changed since they were last sent."""

from datetime import datetime
from functools import cached_property
from zlib import crc32

from flask import Flask, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue

from jarvis_admin.services import pulse
from jarvis_admin.services.pulse import Pulse
from jarvis_admin.web.access import staff
from jarvis_admin.web.session import db_reader


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
        seen = f"{request.full_path}|{sorted(staff().rights)}|{self.late}"
        version = current_app.extensions["assets_version"]
        minute = int(self.now.timestamp()) // 60
        return f"{self.pulse.revision}-{minute}-{crc32(seen.encode()):x}-{version}"

    @property
    def unchanged(self) -> bool:
        return request.if_none_match.contains(self.etag)

    def not_modified(self) -> ResponseReturnValue:
        return self.fragment("", 304)

    def fragment(self, html: str, status: int = 200) -> Response:
        """A live fragment: may be kept, must be asked for again."""
        response = make_response(html, status)
        response.set_etag(self.etag)
        response.headers["Cache-Control"] = "private, no-cache"
        return response


def read(now: datetime) -> Live:
    """Read the pulse; every answer of this request then carries the age of the data."""
    g.live = Live(pulse.read(db_reader()), now)
    return g.live  # type: ignore[no-any-return]


def init_app(app: Flask) -> None:
    app.after_request(_say_age)


def _say_age(response: Response) -> Response:
    live: Live | None = g.get("live")
    if live is not None:
        response.headers["X-Data-Age"] = str(max(live.age, 0))
        if live.late:
            response.headers["X-Data-Late"] = live.late
    return response
