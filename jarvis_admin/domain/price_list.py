"""What a price file says beside the formula: the sizes Fly lists, reservation blocks, groups."""

from dataclasses import dataclass
from typing import Any, Self

from jarvis_admin.domain.figures import Figures
from jarvis_admin.domain.money import NANO, amount_nano
from jarvis_admin.domain.pricing import MONTH, PriceBook, Size
from jarvis_admin.errors import Invalid

_HOUR_SECONDS = 3600
_MICROS = 10**6

# For a book that lists none: the sizes Fly names in its docs.
_USUAL = (
    *(f"shared-cpu-{cpus}x:{cpus * 256 << step}MB" for cpus in (1, 2, 4, 8) for step in range(4)),
    *(f"performance-{cpus}x:{cpus * 2048 << step}MB" for cpus in (1, 2, 4, 8) for step in range(3)),
)


@dataclass(frozen=True)
class Block:
    """What Fly sells for a year ahead: a fee, and a credit for each month that does not roll."""

    cpu_class: str
    yearly_nano: int
    credit_nano: int

    @property
    def key(self) -> str:
        return f"{self.cpu_class}-{self.yearly_nano // NANO}"


@dataclass(frozen=True)
class EgressGroup:
    name: str
    usd_per_gb: str
    regions: tuple[str, ...]


@dataclass(frozen=True)
class SizePrice:
    """A size in a region; amounts in nanodollars but for the rate."""

    size: Size
    rate_pico: int

    @property
    def hour_nano(self) -> int:
        return amount_nano(self.rate_pico, _HOUR_SECONDS * _MICROS)

    @property
    def month_nano(self) -> int:
        return amount_nano(self.rate_pico, MONTH)


@dataclass(frozen=True)
class PriceList:
    presets: tuple[Size, ...]
    blocks: tuple[Block, ...]
    groups: tuple[EgressGroup, ...]

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Invalid says what is wrong, and where; presets and reservations may be missing."""
        file = Figures(data)
        slugs = file.texts("presets") if "presets" in data else list(_USUAL)
        return cls(
            tuple(Size.parse(slug) for slug in slugs),
            tuple(_blocks(file)) if "reservations" in data else (),
            tuple(
                EgressGroup(name, group.text("usd_per_gb"), tuple(group.texts("regions")))
                for name, group in file.sections("egress").items()
            ),
        )

    def sizes(self, book: PriceBook, region: str) -> list[SizePrice]:
        return [SizePrice(size, book.compute_rate(size, region)) for size in self.presets]


def _blocks(file: Figures) -> list[Block]:
    section = file.section("reservations")
    return [
        Block(cpu_class, *_of_block(block, f"reservations.{cpu_class}[{number}]"))
        for cpu_class in section
        for number, block in enumerate(_list(section, cpu_class), 1)
    ]


def _of_block(block: object, place: str) -> tuple[int, int]:
    read = Figures(block, place)
    yearly, credit = read.amount("usd_per_year"), read.amount("credit_usd_per_month")
    return round(yearly * NANO), round(credit * NANO)


def _list(section: Figures, key: str) -> list[object]:
    found = section.values(key)
    if not found:
        raise Invalid(f"Price file: reservations.{key} is empty.")
    return found
