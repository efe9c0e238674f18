"""From what happened to a machine to the stretches that are billed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from jarvis_admin.domain.pricing import Component

# Fly meters the image of a machine that is asleep; `created` is undocumented, taken as stopped.
_ASLEEP = frozenset({"created", "stopped", "suspended", "failed"})
# No machine yet, or no machine any more.
_ABSENT = frozenset(
    {"provisioning", "pending", "creating", "launch_failed", "destroyed", "replaced", "migrated"}
)


def billed_component(state: str) -> Component | None:
    """What a machine pays for in this state.

    A passing state, and one that Fly invents later, counts as started: the safe upper bound.
    """
    if state in _ABSENT:
        return None
    return Component.ROOTFS if state in _ASLEEP else Component.COMPUTE


@dataclass(frozen=True)
class Change:
    """A machine entered `state`, with this size, place and image.

    Ids sort by age, as Fly's do, and tell apart equal instants. `estimated`: the instant is a
    bound, not Fly's word.
    """

    id: str
    at: datetime
    state: str
    size: str  # Size.slug
    region: str
    rootfs_mb: int
    estimated: bool = False

    @property
    def kind(self) -> tuple[str, str, str, int]:
        return self.state, self.size, self.region, self.rootfs_mb


@dataclass(frozen=True)
class Stretch:
    """One state of one resource, half-open; `end` None: still so."""

    component: Component
    state: str
    size: str  # as an interval names it
    region: str
    start: datetime
    end: datetime | None
    estimated: bool = False


def stretches_of(changes: Iterable[Change]) -> Iterator[Stretch]:
    """What is billed of a machine, oldest first, without overlaps.

    Order and repetition of the changes do not matter. The last stretch stays open.
    """
    entered = _in_order(changes)
    for change, following in zip_longest(entered, entered[1:]):
        component = billed_component(change.state)
        if component is None:
            continue
        asleep = component is Component.ROOTFS
        yield Stretch(
            component,
            change.state,
            f"{change.rootfs_mb} MB" if asleep else change.size,
            change.region,
            change.at,
            following.at if following else None,
            change.estimated or (following is not None and following.estimated),
        )


def _in_order(changes: Iterable[Change]) -> list[Change]:
    """Those that changed something, in order."""
    seen: set[str] = set()
    kept: list[Change] = []
    for change in sorted(changes, key=lambda change: (change.at, change.id, change.state)):
        if change.id in seen:
            continue
        seen.add(change.id)
        if kept and kept[-1].at == change.at:
            kept.pop()  # it lasted no time at all
        if not kept or kept[-1].kind != change.kind:
            kept.append(change)
    return kept
