"""Prices and their changes as the tables show them."""

from dataclasses import dataclass

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.price_changes import Change, changes
from jarvis_admin.domain.price_list import SizePrice
from jarvis_admin.services.price_preview import Pair, Preview
from jarvis_admin.services.price_versions import Version
from jarvis_admin.web import cost_tables
from jarvis_admin.web.figures import label

_PICO_PLACES = 12


@dataclass(frozen=True)
class SizeRow:
    slug: str
    label: str
    second: str
    hour: str
    month: str


@dataclass(frozen=True)
class ChangeRow:
    label: str
    old: str
    new: str
    percent: str
    dearer: bool


@dataclass(frozen=True)
class PairRow:
    name: str
    label: str
    old: str
    new: str
    change: str


def sizes(prices: list[SizePrice]) -> list[SizeRow]:
    return [
        SizeRow(
            price.size.slug,
            price.size.label,
            f"0.{price.rate_pico:0{_PICO_PLACES}d}",
            dollars(price.hour_nano, 5),
            dollars(price.month_nano),
        )
        for price in prices
    ]


def change_rows(old: Version, figures: dict[str, object]) -> list[ChangeRow]:
    return [_change(change) for change in changes(old.figures, figures)]


def component_rows(preview: Preview) -> list[PairRow]:
    pairs = sorted(preview.components.items(), key=lambda item: -item[1].old_nano)
    return [_pair(name, label(name), pair) for name, pair in pairs]


def plan_rows(preview: Preview) -> list[PairRow]:
    """What is nobody's comes last."""
    pairs = sorted(preview.plans.items(), key=lambda item: (item[0] == "", -item[1].old_nano))
    return [_pair("", name or "Belongs to no user", pair) for name, pair in pairs]


def total_row(preview: Preview) -> PairRow:
    return _pair("", "All", preview.total)


def _change(change: Change) -> ChangeRow:
    percent = change.percent
    written = "–" if percent is None else f"{'+' if percent > 0 else '−'}{abs(percent):,.1f} %"
    return ChangeRow(
        change.label, change.old or "–", change.new or "–", written, bool(percent and percent > 0)
    )


def _pair(name: str, words: str, pair: Pair) -> PairRow:
    return PairRow(
        name,
        words,
        dollars(pair.old_nano),
        dollars(pair.new_nano),
        cost_tables.change(pair.difference),
    )
