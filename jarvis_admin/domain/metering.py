"""From stretches of time to money.

Every stretch is half-open and in UTC. A charge lies within one UTC day and under one price book,
and is rounded once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from jarvis_admin.domain.money import amount_nano, microseconds
from jarvis_admin.domain.pricing import Component, PriceBook, Size, price_at

# What a resource costs by a given book, in picodollars per second.
RateOf = Callable[[PriceBook], int]


def cut_at_midnights(start: datetime, end: datetime) -> Iterator[tuple[date, datetime, datetime]]:
    """The parts of [start, end) within each UTC day; none if it is empty."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    while start < end:
        day = start.date()
        midnight = datetime.combine(day + timedelta(days=1), time(), UTC)
        yield day, start, min(end, midnight)
        start = midnight


@dataclass(frozen=True)
class Charge:
    """A stretch within one day at one rate."""

    day: date
    start: datetime
    end: datetime
    rate_pico: int
    price_version: str

    @property
    def micros(self) -> int:
        return microseconds(self.end - self.start)

    @property
    def amount_nano(self) -> int:
        return amount_nano(self.rate_pico, self.micros)


def charge(
    start: datetime, end: datetime, books: Sequence[PriceBook], rate_of: RateOf
) -> Iterator[Charge]:
    """Price [start, end), cut at each UTC midnight and wherever a new book comes into force."""
    for day, morning, evening in cut_at_midnights(start, end):
        changes = {b.effective_from for b in books if morning < b.effective_from < evening}
        for begin, finish in pairwise(sorted({morning, *changes, evening})):
            book = price_at(books, begin)
            yield Charge(day, begin, finish, rate_of(book), book.version)


def rate_of(component: Component, size: str, region: str) -> RateOf:
    """By the size as an interval names it: `Size.slug`, "2048 MB", "10 GB", "123 B" or "v4"."""
    if component is Component.HELPER:
        component = _like(size)
    if component is Component.COMPUTE:
        machine = Size.parse(size)
        return lambda book: book.compute_rate(machine, region)
    if component is Component.ADDRESS:
        return lambda book: book.address_rate(size)
    amount = int(size.partition(" ")[0])
    if component is Component.ROOTFS:
        return lambda book: book.rootfs_rate(amount)
    if component is Component.VOLUME:
        return lambda book: book.volume_rate(amount)
    if component is Component.ARCHIVE:
        return lambda book: book.archive_rate(amount)
    return lambda book: book.snapshot_rate(amount)


def _like(size: str) -> Component:
    """What a helper's machine, its image and its volume are priced like."""
    if ":" in size:
        return Component.COMPUTE
    return Component.VOLUME if size.endswith(" GB") else Component.ROOTFS


def month_start(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_to_date(nano_as_of: int, rate_pico: int, as_of: datetime, now: datetime) -> int:
    """The month's amount at `now`, from what was stored at `as_of` and burned since.

    What was stored in an earlier month does not count any more. A `now` before `as_of` (clocks
    differ) takes nothing back.
    """
    this_month = month_start(now)
    stored = nano_as_of if as_of >= this_month else 0
    since = max(now - max(as_of, this_month), timedelta())
    return stored + amount_nano(rate_pico, since)
