"""Machines and events as the Machines API shows them, for tests of what we make of them."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from jarvis_admin.fly.codec import decode, encode
from jarvis_admin.fly.types import Machine

_ids = count(1)


def event(at: datetime, kind: str, status: str, source: str = "flyd", **request: Any) -> dict:
    return {
        "id": f"01TEST{next(_ids):020d}",
        "type": kind,
        "status": status,
        "source": source,
        "timestamp": int(at.timestamp() * 1000),
        "request": request,
    }


def launch(at: datetime) -> list[dict]:
    return [
        event(at, "launch", "pending"),
        event(at, "launch", "created", "user"),
        event(at + timedelta(seconds=3), "start", "started"),
    ]


def machine(events: list[dict], machine_id: str = "m-alice", **given: Any) -> Machine:
    """In the state its newest event says."""
    newest = max(events, key=lambda e: (e["timestamp"], e["id"]))
    changed = datetime.fromtimestamp(newest["timestamp"] // 1000).astimezone()
    body = {
        "id": machine_id,
        "name": "workspace",
        "state": newest["status"],
        "region": "fra",
        "instance_id": "01VERSION",
        "created_at": datetime.fromtimestamp(events[0]["timestamp"] // 1000).astimezone(),
        "updated_at": changed,
        "config": {
            "image": "registry.fly.io/jarvis-workspace:latest",
            "guest": {"cpu_kind": "shared", "cpus": 1, "memory_mb": 512},
            "mounts": [{"volume": "vol_alice", "path": "/workspace"}],
        },
        "events": events[::-1],
        **given,
    }
    return decode(encode(body), Machine)
