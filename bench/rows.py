"""The rows of a fleet, by number.

Those of a page are alike in fleets of all sizes: what a figure then tells is the size alone.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

# Searched for: found for 60 people in every fleet, for a tenth of it, for one person.
SIXTY, TENTH = "quillfeather", "stone"
_SIXTY = 60

_FIRST = (
    *("ada", "ben", "cleo", "dan", "eva", "finn", "gus", "hana"),
    *("ivo", "jana", "karl", "lena", "milo", "nora", "omar", "pia"),
)
_LAST = ("berg", "costa", "dahl", "evans", "fox", "gold", "hahn", "ito", "jones", TENTH)
_STATES = (*["suspended"] * 5, *["started"] * 3, *["stopped"] * 2)
REGIONS = ("fra", "iad", "nrt", "lhr", "syd", "gru")
_IMAGE = "registry.fly.io/jarvis-workspace:2026.11.2"
SIZE = "shared-cpu-2x:2048MB"


def handle(n: int) -> str:
    return f"{_FIRST[n % len(_FIRST)]}{n:06d}"


def machine_id(n: int) -> str:
    return f"{n:06d}d89e4f7a"


def state(n: int) -> str:
    return _STATES[n // len(_FIRST) % len(_STATES)]


def app_name(n: int) -> str:
    return f"jv-bench-{handle(n)}-k3f9"


def user(n: int, count: int) -> dict[str, Any]:
    return {
        "id": n,
        "handle": handle(n),
        "name": " ".join(_names(n, count)),
        "email": f"{handle(n)}@example.com",
        "plan_id": 1,
        "region": region(n),
        "created_at": _born(n),
    }


def workspace(n: int, now: datetime) -> dict[str, Any]:
    return {
        "id": n,
        "user_id": n,
        "plan_id": 1,
        "app_name": app_name(n),
        "machine_id": machine_id(n),
        "volume_id": f"vol_{n:06d}r8q2x7",
        "created_at": _born(n),
        "handle": handle(n),
        "state": state(n),
        "state_since": now - timedelta(hours=1 + n % 700),
        # Five in every fleet, spread over it: the overview lists them.
        "problem": "Its volume is full." if n in range(17, 102, 20) else "",
        "region": region(n),
        "size": SIZE,
        "image": _IMAGE,
        "volume_gb": 10,
        "last_active_at": now - timedelta(minutes=5 + n % 40_000),
        "month_nano": 3 * 10**9 + n * 104_729 % 10**10,
        "rate_pico": 5_071_154 if state(n) == "started" else 57_870,
        "metered_at": now - timedelta(seconds=n % 600),
    }


def machine(n: int, now: datetime) -> dict[str, Any]:
    changed = updated_at(n)
    return {
        "id": machine_id(n),
        "workspace_id": n,
        "name": "workspace",
        "state": state(n),
        "region": region(n),
        "size": SIZE,
        "image": _IMAGE,
        "instance_id": f"01JD{n:022d}",
        "rootfs_mb": 2048,
        "created_at": _born(n),
        "updated_at": changed,
        "seen_at": now,
        "unread": False,
    }


def terms(n: int, count: int) -> set[str]:
    """As `services.search.index` makes them; the test holds the two together."""
    person, row = user(n, count), workspace(n, _born(n))
    said = [row["handle"], row["app_name"], row["machine_id"], row["volume_id"], person["email"]]
    return {word.lower() for word in (*said, *_names(n, count))}


def updated_at(n: int) -> datetime:
    return _born(n) + timedelta(days=30, seconds=n % 80_000)


def _names(n: int, count: int) -> tuple[str, str]:
    last = SIXTY if n % max(count // _SIXTY, 1) == 0 else _LAST[n * 7 // 3 % len(_LAST)]
    return _FIRST[n % len(_FIRST)].capitalize(), last.capitalize()


def region(n: int) -> str:
    return REGIONS[n % len(REGIONS)]


def _born(n: int) -> datetime:
    return datetime(2025, 10, 1, tzinfo=UTC) + timedelta(seconds=n)
