"""What one set of price figures changes of another, figure by figure, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_PLAIN = {
    "memory_usd_per_gb_second": "Memory, per GB and second",
    "rootfs_usd_per_gb_month": "Rootfs, per GB and month",
    "volume_usd_per_gb_month": "Volume, per GB and month",
    "snapshot.usd_per_gb_month": "Snapshot, per GB and month",
    "object_store.usd_per_gb_month": "Object store, per GB and month",
    "snapshot.free_gb": "Free snapshots of the organisation, GB",
}
_ADDRESSES = {
    "v4": "IPv4 address",
    "shared_v4": "Shared IPv4 address",
    "v6": "IPv6 address",
    "private_v6": "Private IPv6 address",
    "egress_pair": "Static egress addresses, IPv4 and IPv6",
}
# What is no price: named above the table, or no figure at all.
_NOT_COMPARED = frozenset({"version", "effective_from", "note", "presets"})


@dataclass(frozen=True)
class Change:
    """`old` or `new` is empty where the figure is only in one of the two."""

    place: str
    label: str
    old: str
    new: str

    @property
    def percent(self) -> Decimal | None:
        """None: no figures, or from nothing."""
        try:
            old, new = Decimal(self.old), Decimal(self.new)
        except InvalidOperation:
            return None
        return 100 * (new - old) / old if old else None


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """In the order of the new file; what it dropped comes last."""
    before, after = dict(_flat(old)), dict(_flat(new))
    return [
        Change(place, label(place), before.get(place, ""), after.get(place, ""))
        for place in dict.fromkeys((*after, *before))
        if not _equal(before.get(place), after.get(place))
    ]


def label(place: str) -> str:
    """`region_multipliers.fra` → Region fra, times."""
    head, _, rest = place.partition(".")
    if head == "compute":
        kind, _, figure = rest.partition(".")
        what = "per CPU and second" if figure == "usd_per_cpu_second" else "MB included per CPU"
        return f"{kind.capitalize()} CPU, {what}"
    if head == "region_multipliers":
        return f"Region {rest}, times"
    if head == "egress":
        return f"Traffic, {rest.replace('_', ' ')}"
    if head == "addresses_usd_per_month":
        return f"{address(rest)}, per month"
    return _PLAIN.get(place, place)


def address(kind: str) -> str:
    """Fly's kinds of addresses in words."""
    return _ADDRESSES.get(kind, f"Address {kind.replace('_', ' ')}")


def _equal(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one == other
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return one == other


def _flat(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        if name == "egress":
            yield from _egress(value)
        elif name == "reservations":
            yield from _blocks(value)
        elif name not in _NOT_COMPARED:
            yield from _walk(name, value)


def _walk(place: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(f"{place}.{name}", inner)
    else:
        yield place, str(value)


def _egress(groups: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, group in groups.items():
        yield f"egress.{name}, per GB", group["usd_per_gb"]
        yield f"egress.{name}, regions", " ".join(sorted(group["regions"]))


def _blocks(classes: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, blocks in classes.items():
        sold = ", ".join(f"{b['usd_per_year']} for {b['credit_usd_per_month']}" for b in blocks)
        yield f"Reservations {name}, a year for a month's credit", sold
