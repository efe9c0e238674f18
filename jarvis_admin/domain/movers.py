"""Why an amount changed between two months, in parts that add up to the change exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jarvis_admin.domain.money import round_half_even
from jarvis_admin.domain.pricing import Component


class Why(StrEnum):
    HOURS = "hours"  # a machine ran longer, at what an hour cost before
    SIZE = "size"  # an hour of it costs something else: size, region or price
    STORAGE = "storage"  # volume, rootfs asleep, snapshots, archives
    EGRESS = "egress"
    OTHER = "other"  # addresses, helper machines, reservations, adjustments


_PARTS = {
    Component.VOLUME: Why.STORAGE,
    Component.ROOTFS: Why.STORAGE,
    Component.SNAPSHOT: Why.STORAGE,
    Component.ARCHIVE: Why.STORAGE,
    Component.EGRESS: Why.EGRESS,
}


@dataclass(frozen=True)
class Use:
    micros: int = 0
    nano: int = 0


Uses = Mapping[str, Use]


def explain(before: Uses, now: Uses) -> dict[Why, int]:
    """Nanodollars by reason, every reason there; their sum is what `now` costs more."""
    parts = dict.fromkeys(Why, 0)
    for component in before.keys() | now.keys():
        first, last = before.get(component, Use()), now.get(component, Use())
        if component == Component.COMPUTE:
            hours = _by_hours(first, last)
            parts[Why.HOURS] += hours
            parts[Why.SIZE] += last.nano - first.nano - hours
        else:
            parts[_PARTS.get(Component(component), Why.OTHER)] += last.nano - first.nano
    return parts


def _by_hours(first: Use, last: Use) -> int:
    """The change of hours at the mean price of an hour; where there was none before, at today's."""
    if first.micros == 0:
        return last.nano - first.nano
    return round_half_even(first.nano * (last.micros - first.micros), first.micros)
