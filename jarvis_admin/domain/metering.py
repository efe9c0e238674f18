"""From events to spans of one state, and from spans to money.

Every span is half-open and in UTC. A charge lies within one UTC day and under one price book,
and is rounded once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Self

from jarvis_admin.domain.money import amount_nano, microseconds
from jarvis_admin.domain.pricing import Component, PriceBook, Size, price_at

# What a resource costs by a given book, in picodollars per second.
RateOf = Callable[[PriceBook], int]

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
class Event:
    """A machine entered `state`. Ids sort by age, as Fly's do, and tell apart equal instants."""

    id: str
    at: datetime
    state: str


@dataclass(frozen=True)
class StateSpan:
    """`end` is None while the state lasts."""

    state: str
    start: datetime
    end: datetime | None

    def until(self, now: datetime) -> Self:
        """The same span as far as it lies before `now`."""
        return replace(self, end=max(self.start, min(self.end or now, now)))


def spans_of(events: Iterable[Event], until: datetime | None = None) -> list[StateSpan]:
    """The states that the events tell of, oldest first, without gaps or overlaps.

    Order and repetition of the events do not matter. The last span stays open unless `until`
    is given, which ends everything there.
    """
    entered = _changes(event for event in events if until is None or event.at < until)
    ends = [event.at for event in entered[1:]]
    return [
        StateSpan(event.state, event.at, end)
        for event, end in zip(entered, [*ends, until], strict=False)
    ]


def _changes(events: Iterable[Event]) -> list[Event]:
    """The events that changed the state, in order."""
    seen: set[str] = set()
    changes: list[Event] = []
    for event in sorted(events, key=lambda event: (event.at, event.id, event.state)):
        if event.id in seen:
            continue
        seen.add(event.id)
        if changes and changes[-1].at == event.at:
            changes.pop()  # it lasted no time at all
        if not changes or changes[-1].state != event.state:
            changes.append(event)
    return changes


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


def machine_rate(component: Component, size: Size, region: str, rootfs_mb: int) -> RateOf:
    if component is Component.COMPUTE:
        return lambda book: book.compute_rate(size, region)
    return lambda book: book.rootfs_rate(rootfs_mb)


@dataclass(frozen=True)
class Piece(Charge):
    """A charge of a machine, with the state that made it."""

    state: str
    component: Component


def charge_machine(
    span: StateSpan, books: Sequence[PriceBook], *, size: Size, region: str, rootfs_mb: int
) -> list[Piece]:
    """What a machine costs for a span that has ended; nothing in a state that is not billed."""
    if span.end is None:
        raise ValueError("A span that is still open has no cost yet: say until when.")
    component = billed_component(span.state)
    if component is None:
        return []
    rate_of = machine_rate(component, size, region, rootfs_mb)
    return [
        Piece(c.day, c.start, c.end, c.rate_pico, c.price_version, span.state, component)
        for c in charge(span.start, span.end, books, rate_of)
    ]


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
