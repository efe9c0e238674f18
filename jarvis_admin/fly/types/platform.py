"""Regions, room in them, and what our token may do."""

from jarvis_admin.fly.types.record import Record


class Region(Record, frozen=True):
    code: str
    name: str = ""
    latitude: float = 0.0
    longitude: float = 0.0
    geo_region: str = ""
    gateway_available: bool = False
    requires_paid_plan: bool = False
    deprecated: bool = False


class Placement(Record, frozen=True):
    """Room for `count` machines in a region: a simulation, not a reservation."""

    region: str
    count: int = 0
    concurrency: int = 0


class Token(Record, frozen=True):
    """What a token of ours stands for; never the token itself."""

    token_id: str = ""
    organization: str = ""
    org_slug: str = ""
    user: str = ""
    apps: tuple[str, ...] = ()
    restricted_to_machine: str = ""
