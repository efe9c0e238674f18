"""The usage scenarios of the original requirement: by its own arithmetic, and by our price book.

The requirement gives totals as ranges and shows its arithmetic once (4 h a day, 512 MB). Done the
same way for the three others, with memory priced in proportion, its arithmetic meets all its
ranges; so that is taken to be what it did. A month is 30 days here as there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self

from jarvis_admin.domain.money import NANO, amount_nano, microseconds
from jarvis_admin.domain.pricing import MONTH, PriceBook, Size

USERS = 100
EGRESS_GB = 10  # each user and month
FLAT_PRICES = (7 * NANO, 10 * NANO)  # per container and month, elsewhere

_HOME = "iad"
_HOURS_A_DAY = 24
_MB_PER_GB = 1024
_BYTES_PER_GB = 10**9
# Its figures: dollars a month.
_ITS_512_MB = Fraction("1.94")
_ITS_STORAGE_GB = Fraction("0.15")
_ITS_EGRESS_GB = Fraction("0.02")
_ITS_ROOTFS_GB = Fraction("0.5")


@dataclass(frozen=True)
class Scenario:
    key: str
    title: str
    hours: int  # of use a day
    memory_mb: int
    volume_gb: int
    its_low: int  # what the requirement says 100 users cost, in dollars
    its_high: int

    @property
    def size(self) -> Size:
        return Size("shared", 1, self.memory_mb)


EXAMPLE = Scenario("example", "Example", 4, 512, 1, 75, 75)
SCENARIOS = (
    Scenario("conservative", "Conservative", 2, 512, 1, 50, 75),
    Scenario("moderate", "Moderate", 6, 1024, 2, 150, 200),
    Scenario("heavy", "Heavy", 12, 2048, 5, 400, 500),
)
ALL = (EXAMPLE, *SCENARIOS)


@dataclass(frozen=True)
class Bill:
    """Nanodollars a month for all users."""

    compute: int
    volume: int
    rootfs: int
    egress: int
    snapshots: int = 0

    @property
    def total(self) -> int:
        return self.compute + self.volume + self.rootfs + self.egress + self.snapshots

    def saved(self, flat: int) -> int:
        """Against a flat price per container and month; negative: it costs more."""
        return USERS * flat - self.total


def by_the_requirement(scenario: Scenario) -> Bill:
    share = Fraction(scenario.hours, _HOURS_A_DAY)
    compute = _ITS_512_MB * scenario.memory_mb / 512 * share
    return Bill(
        compute=_nano(compute),
        volume=_nano(_ITS_STORAGE_GB * scenario.volume_gb),
        rootfs=_nano(_ITS_STORAGE_GB * _ITS_ROOTFS_GB),
        egress=_nano(_ITS_EGRESS_GB * EGRESS_GB),
    )


@dataclass(frozen=True)
class Reality:
    """What the requirement leaves out or takes for granted."""

    book: PriceBook
    region: str
    image_mb: int = 2048  # Fly meters the unpacked image of a machine that is asleep
    snapshot_share: Fraction = Fraction(1)  # of a volume, stored by its snapshots; 1: all of it

    def bill(self, scenario: Scenario) -> Bill:
        return Bill(
            compute=self.compute(scenario, self.region),
            volume=USERS * self._month(self.book.volume_rate(scenario.volume_gb)),
            rootfs=self.rootfs(scenario, self.image_mb),
            egress=USERS * self.book.egress_nano(EGRESS_GB * _BYTES_PER_GB, self.region),
            snapshots=self.snapshots(scenario),
        )

    def compute(self, scenario: Scenario, region: str) -> int:
        rate = self.book.compute_rate(scenario.size, region)
        return USERS * self._month(rate, scenario.hours)

    def rootfs(self, scenario: Scenario, megabytes: int) -> int:
        asleep = _HOURS_A_DAY - scenario.hours
        return USERS * self._month(self.book.rootfs_rate(megabytes), asleep)

    def snapshots(self, scenario: Scenario) -> int:
        """After the gigabytes that the whole organisation has for nothing."""
        stored = int(USERS * scenario.volume_gb * _BYTES_PER_GB * self.snapshot_share)
        paid = max(stored - self.book.snapshot_free_bytes, 0)
        return self._month(self.book.snapshot_rate(paid))

    def cheapest_region(self) -> str:
        return min(self.book.multipliers, key=self._dearness)

    def _dearness(self, code: str) -> tuple[Fraction, bool, str]:
        return (
            self.book.multipliers[code],
            code != _HOME,
            code,
        )  # of equals, the one Fly begins with

    def in_region(self, region: str) -> Self:
        return replace(self, region=region)

    @staticmethod
    def _month(rate_pico: int, hours: int = _HOURS_A_DAY) -> int:
        return amount_nano(rate_pico, microseconds(MONTH) * hours // _HOURS_A_DAY)


@dataclass(frozen=True)
class Difference:
    what: str
    nano: int
    why: str


def differences(scenario: Scenario, reality: Reality) -> Sequence[Difference]:
    """From the requirement's total to ours, one reason at a time; they add up exactly."""
    its, ours = by_the_requirement(scenario), reality.bill(scenario)
    cheapest = reality.cheapest_region()
    base = reality.compute(scenario, cheapest)
    small = reality.rootfs(scenario, int(_ITS_ROOTFS_GB * _MB_PER_GB))
    return (
        Difference("Preset price", base - its.compute, _preset_words(scenario, reality, cheapest)),
        Difference(
            f"Region {reality.region}",
            ours.compute - base,
            f"It has one price for the world; Fly multiplies compute by the region. In {cheapest} "
            "nothing is added.",
        ),
        Difference(
            "Rootfs only asleep",
            small - its.rootfs,
            "It bills the image all day; Fly bills it only while a machine sleeps, "
            f"{_HOURS_A_DAY - scenario.hours} of 24 hours here.",
        ),
        Difference(
            "Rootfs size",
            ours.rootfs - small,
            f"It assumes an image of 0.5 GB; ours unpacks to {reality.image_mb / _MB_PER_GB:g} GB, "
            "and the unpacked size is what Fly meters.",
        ),
        Difference("Volumes", ours.volume - its.volume, _volume_words(ours.volume - its.volume)),
        Difference(
            "Egress",
            ours.egress - its.egress,
            f"It prices {EGRESS_GB} GB a user as North America and Europe everywhere; "
            "the price of a gigabyte depends on the region.",
        ),
        Difference(
            "Snapshots",
            ours.snapshots,
            "It has none. Fly keeps daily snapshots of every volume; the first "
            f"{reality.book.snapshot_free_bytes // _BYTES_PER_GB} GB of the whole organisation are "
            "free. Counted as if each volume were full, the most it can be.",
        ),
    )


def _preset_words(scenario: Scenario, reality: Reality, region: str) -> str:
    always = Reality._month(reality.book.compute_rate(scenario.size, region))
    its = by_the_requirement(replace(scenario, hours=_HOURS_A_DAY)).compute // USERS
    small = Reality._month(reality.book.compute_rate(Size("shared", 1, 256), region))
    same = round(small / NANO, 2) == round(float(_ITS_512_MB), 2)
    mixed_up = " Its $1.94 is the price of 256 MB, half of the memory it names." if same else ""
    return (
        f"It takes ${its / NANO:.2f} for {scenario.memory_mb} MB around the clock; the price is "
        f"${always / NANO:.2f}.{mixed_up}"
    )


def _volume_words(nano: int) -> str:
    if abs(nano) < NANO // 100:
        return "The same price; what is left is our rate, rounded to a picodollar a second."
    return "The price of a gigabyte has changed since."


def _nano(dollars_per_user: Fraction) -> int:
    return round(USERS * dollars_per_user * NANO)
