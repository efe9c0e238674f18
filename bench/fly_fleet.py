"""The same fleet as Fly shows it: JSON pages of its list, and one machine with its events."""

import json
from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from typing import Any

from bench import rows
from jarvis_admin.domain import guest
from jarvis_admin.domain.pricing import Size
from jarvis_admin.fly.call import Call
from jarvis_admin.fly.org import Org
from jarvis_admin.fly.types import MachinePage
from jarvis_admin.fly.wire import Wire

PAGE = 1_000
_MARK = guest.Mark("jv", "bench")


class RecordedWire(Wire):
    """Bodies that have arrived: what is left to measure is what the client makes of them."""

    def __init__(self, bodies: list[bytes]) -> None:
        object.__setattr__(self, "_bodies", iter(bodies))

    def send(self, _call: Call) -> bytes:
        bodies: Iterator[bytes] = self.__dict__["_bodies"]
        return next(bodies)


def read(bodies: list[bytes]) -> Iterator[MachinePage]:
    """Through the client's own list, decoders and types."""
    return Org(RecordedWire(bodies), "my-jarvis").machines()


def pages(count: int, changed: Set[int], at: datetime) -> list[bytes]:
    """Machines 1 to `count`; those in `changed` were stopped at that time."""
    bodies = []
    for first in range(1, count + 1, PAGE):
        numbers = range(first, min(first + PAGE, count + 1))
        machines = [list_row(n, at if n in changed else None) for n in numbers]
        more = f"cursor-{first}" if numbers.stop <= count else ""
        bodies.append(json.dumps({"machines": machines, "next_cursor": more}).encode())
    return bodies


def list_row(n: int, stopped_at: datetime | None) -> dict[str, Any]:
    config = _config(n)
    return {
        "app_name": rows.app_name(n),
        "id": rows.machine_id(n),
        "name": "workspace",
        "state": "stopped" if stopped_at else rows.state(n),
        "region": "fra",
        "private_ip": "fdaa:0:1:a7b:1:0:0:2",
        "version": f"01JD{n:022d}",
        "instance_id": f"01JD{n:022d}",
        "created_at": _written(rows.updated_at(n) - timedelta(days=30)),
        "updated_at": _written(stopped_at or rows.updated_at(n)),
        "config": {key: config[key] for key in ("image", "guest", "metadata")},
    }


def machine(n: int, born: datetime, stopped_at: datetime | None) -> bytes:
    """With its launch among the events, and its stop if there was one."""
    events = [
        _event(n, 1, born, "launch", "created"),
        _event(n, 2, born + timedelta(seconds=3), "start", "started"),
    ]
    if stopped_at:
        events.append(_event(n, 3, stopped_at, "stop", "stopped"))
    body = {**list_row(n, stopped_at), "config": _config(n), "events": events[::-1]}
    return json.dumps(body if stopped_at else {**body, "state": "started"}).encode()


def _config(n: int) -> dict[str, Any]:
    return guest.machine_config(
        image="registry.fly.io/jarvis-workspace:2026.11.2",
        size=Size.parse(rows.SIZE),
        volume_id=f"vol_{n:06d}r8q2x7",
        idle_policy="activity",
        handle=rows.handle(n),
        mark=_MARK,
    )


def _event(n: int, number: int, at: datetime, kind: str, status: str) -> dict[str, Any]:
    milliseconds = int(at.timestamp() * 1000)
    return {
        "id": f"01EV{n:012d}{number:010d}",
        "type": kind,
        "status": status,
        "source": "user",
        "timestamp": milliseconds,
        "request": {},
    }


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
