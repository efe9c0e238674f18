"""The form that edits a copy of a price version: every figure a field, named by its place."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from jarvis_admin.domain.price_changes import label

_MARK = "f:"
_PLACES = (
    ("Compute", ("compute", "memory_usd_per_gb_second")),
    ("Storage", ("rootfs_usd_per_gb_month", "volume_usd_per_gb_month", "snapshot", "object_store")),
    ("Regions: compute costs so many times as much", ("region_multipliers",)),
    ("Traffic", ("egress",)),
    ("Addresses", ("addresses_usd_per_month",)),
)

# What older versions do not have; left empty it stays away.
_OPTIONAL: Mapping[str, Any] = {"object_store": {"usd_per_gb_month": ""}}


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    value: str


@dataclass(frozen=True)
class Group:
    title: str
    fields: list[Field]


def groups(figures: dict[str, Any], typed: Mapping[str, str]) -> list[Group]:
    """What was typed stands in the field, else the figure of the copied version."""
    figures = {**_OPTIONAL, **figures}
    return [
        Group(
            title,
            [
                Field(
                    f"{_MARK}{place}",
                    f"{label(place)}{', per GB' if place.startswith('egress') else ''}",
                    typed.get(f"{_MARK}{place}", str(value)),
                )
                for name in names
                if name in figures
                for place, value in _leaves(name, figures[name])
            ],
        )
        for title, names in _PLACES
    ]


def read(base: dict[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """The copied figures with what the form changes; whether they are prices is checked later."""
    figures = deepcopy({**_OPTIONAL, **base})
    figures["version"] = form.get("version", "").strip()
    figures["effective_from"] = f"{form.get('date', '').strip()}T00:00:00Z"
    figures["note"] = form.get("note", "").strip()
    for _, names in _PLACES:
        for name in names:
            for place, old in list(_leaves(name, figures.get(name, {}))):
                written = form.get(f"{_MARK}{place}", str(old)).strip()
                _put(figures, place.split("."), written, old)
    for name, nothing in _OPTIONAL.items():
        if figures[name] == nothing:
            del figures[name]
    _drop_empty_regions(figures)
    _add_region(figures, form)
    return figures


def _leaves(place: str, value: object) -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict):
        yield place, value
        return
    for name, inner in value.items():
        if place.startswith("egress") and name == "usd_per_gb":
            yield place, inner
        elif name != "regions":
            yield from _leaves(f"{place}.{name}", inner)


def _put(figures: dict[str, Any], path: list[str], written: str, old: object) -> None:
    *way, last = path
    target = figures
    for name in way:
        target = target[name]
    if path[0] == "egress":
        target[last]["usd_per_gb"] = written
    elif isinstance(old, int):
        target[last] = int(written) if written.isdecimal() and len(written) < 10 else written
    else:
        target[last] = written


def _drop_empty_regions(figures: dict[str, Any]) -> None:
    gone = {region for region, times in figures["region_multipliers"].items() if times == ""}
    for region in gone:
        del figures["region_multipliers"][region]
    for group in figures["egress"].values():
        group["regions"] = [region for region in group["regions"] if region not in gone]


def _add_region(figures: dict[str, Any], form: Mapping[str, str]) -> None:
    region = form.get("new_region", "").strip().lower()
    if not region:
        return
    figures["region_multipliers"][region] = form.get("new_times", "").strip()
    group = figures["egress"].get(form.get("new_group", ""))
    if group is not None and region not in group["regions"]:
        group["regions"].append(region)
