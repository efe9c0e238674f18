"""Pages of the org-wide lists."""

from dataclasses import dataclass

from jarvis_admin.fly.types.machine import OrgMachine
from jarvis_admin.fly.types.volume import Volume


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of regions in `error_regions` may be missing: never read that as "gone".

    A page may be empty while more remain; the last one has an empty `next_cursor`.
    """

    error_regions: tuple[str, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class MachinePage(Page):
    machines: tuple[OrgMachine, ...]


@dataclass(frozen=True, slots=True)
class VolumePage(Page):
    volumes: tuple[Volume, ...]
