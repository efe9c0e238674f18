"""Dated prices, and what each component of a workspace costs by them.

Rates are whole picodollars per second, amounts whole nanodollars; a price is exact until its
rate is rounded, once. A month is 30 days. Whatever the book does not know is priced at the
dearest it does know, so that a bill can only turn out lower than we said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Self

from jarvis_admin.domain.figures import Figures
from jarvis_admin.domain.money import NANO, PICO
from jarvis_admin.domain.size import Size
from jarvis_admin.errors import Invalid

__all__ = ["MONTH", "UNSIZED", "Component", "CpuPrice", "PriceBook", "Size", "price_at"]

MONTH = timedelta(days=30)
_MONTH_SECONDS = MONTH // timedelta(seconds=1)
_MB_PER_GB = 1024  # memory and images
# Fly does not say which gigabyte traffic and snapshots are counted in; this is the dearer one.
_BYTES_PER_GB = 10**9


class Component(StrEnum):
    COMPUTE = "compute"
    ROOTFS = "rootfs"
    VOLUME = "volume"
    SNAPSHOT = "snapshot"
    ARCHIVE = "archive"  # our own copies, in the object store
    HELPER = "helper"  # in a user's app but not theirs: archivers and their volumes
    EGRESS = "egress"
    ADDRESS = "address"
    RESERVATION = "reservation"
    ADJUSTMENT = "adjustment"


# Each of these has a size of its own, in bytes: a sum for each would be no sum at all.
UNSIZED = frozenset({Component.SNAPSHOT, Component.ARCHIVE})


@dataclass(frozen=True)
class CpuPrice:
    per_second: Fraction  # dollars for one CPU with its included memory
    included_mb: int


@dataclass(frozen=True, kw_only=True)
class PriceBook:
    """All figures in dollars; per GB and month where the name says neither."""

    version: str
    effective_from: datetime
    cpus: Mapping[str, CpuPrice]
    memory_gb_second: Fraction
    multipliers: Mapping[str, Fraction]
    rootfs: Fraction
    volume: Fraction
    snapshot: Fraction
    snapshot_free_bytes: int  # for the whole organisation, each month
    egress_gb: Mapping[str, Fraction]
    addresses: Mapping[str, Fraction]
    object_store: Fraction = Fraction(0)  # older books do not know it

    def knows(self, region: str, cpu_kind: str | None = None) -> bool:
        """False: what this book says about such a machine is an upper bound, not a price."""
        return region in self.multipliers and (cpu_kind is None or cpu_kind in self.cpus)

    def compute_rate(self, size: Size, region: str) -> int:
        dearest = max(self.cpus.values(), key=lambda cpu: cpu.per_second)
        cpu = self.cpus.get(size.cpu_kind, dearest)
        extra_mb = max(size.memory_mb - size.cpus * cpu.included_mb, 0)
        base = size.cpus * cpu.per_second + self.memory_gb_second * extra_mb / _MB_PER_GB
        return round(base * _or_dearest(self.multipliers, region) * PICO)

    def rootfs_rate(self, megabytes: int) -> int:
        return _per_second(self.rootfs * megabytes / _MB_PER_GB)

    def volume_rate(self, size_gb: int) -> int:
        return _per_second(self.volume * size_gb)

    def snapshot_rate(self, stored_bytes: int) -> int:
        """Before the organisation's free allowance, which belongs to no one workspace."""
        return _per_second(self.snapshot * stored_bytes / _BYTES_PER_GB)

    def archive_rate(self, stored_bytes: int) -> int:
        return _per_second(self.object_store * stored_bytes / _BYTES_PER_GB)

    def store_month_nano(self, stored_bytes: int) -> int:
        return round(self.object_store * stored_bytes * NANO / _BYTES_PER_GB)

    def egress_nano(self, sent_bytes: int, region: str) -> int:
        # Dollars per 10^9 bytes are nanodollars per byte.
        return round(_or_dearest(self.egress_gb, region) * sent_bytes)

    def address_rate(self, kind: str) -> int:
        """`kind` is Fly's type of IP assignment: v4, shared_v4, v6 …"""
        return _per_second(_or_dearest(self.addresses, kind))

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read a parsed price file; Invalid says what is missing or wrong, and where."""
        file = Figures(data)
        book = cls(
            version=file.text("version"),
            effective_from=file.instant("effective_from"),
            cpus={
                kind: CpuPrice(cpu.amount("usd_per_cpu_second"), cpu.whole("included_mb_per_cpu"))
                for kind, cpu in file.sections("compute").items()
            },
            memory_gb_second=file.amount("memory_usd_per_gb_second"),
            multipliers=file.amounts("region_multipliers"),
            rootfs=file.amount("rootfs_usd_per_gb_month"),
            volume=file.amount("volume_usd_per_gb_month"),
            snapshot=file.section("snapshot").amount("usd_per_gb_month"),
            snapshot_free_bytes=file.section("snapshot").whole("free_gb") * _BYTES_PER_GB,
            egress_gb={
                region: group.amount("usd_per_gb")
                for group in file.sections("egress").values()
                for region in group.texts("regions")
            },
            addresses=file.amounts("addresses_usd_per_month"),
            object_store=file.section("object_store").amount("usd_per_gb_month")
            if "object_store" in file
            else Fraction(0),
        )
        _refuse_gaps(book)
        return book


def price_at(books: Sequence[PriceBook], at: datetime) -> PriceBook:
    """The latest book in force at that instant; before the first book, the first."""
    if not books:
        raise Invalid("There is no price book, so nothing can be priced.")
    in_force = [book for book in books if book.effective_from <= at]
    return max(in_force, key=_date) if in_force else min(books, key=_date)


def _date(book: PriceBook) -> tuple[datetime, str]:
    return book.effective_from, book.version


def _or_dearest(prices: Mapping[str, Fraction], key: str) -> Fraction:
    return prices[key] if key in prices else max(prices.values())


def _per_second(dollars_per_month: Fraction) -> int:
    return round(dollars_per_month * PICO / _MONTH_SECONDS)


def _refuse_gaps(book: PriceBook) -> None:
    for kind in ("shared", "performance"):
        if kind not in book.cpus:
            raise Invalid(f"Price file: compute.{kind} is missing.")
    if not book.addresses:
        raise Invalid("Price file: addresses_usd_per_month is empty.")
    for region in sorted(book.egress_gb.keys() ^ book.multipliers.keys()):
        lacks = "multiplier" if region in book.egress_gb else "egress price"
        raise Invalid(f"Price file: region {region} has no {lacks}.")
    if not book.multipliers:
        raise Invalid("Price file: region_multipliers is empty.")
