"""A machine's past under another idle time-out: when it would have been awake, and when asleep.

A machine falls asleep when nothing happened for the time-out, and wakes where it woke in fact,
or where it was used after the new time-out had put it to sleep. Who put it to sleep by hand
would have done so anyway. With the time-out it really had, a machine that kept to it lives
exactly as it did, to the microsecond.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import NamedTuple

# Readings of life and the loop that acts on them are so late at most.
LAG = timedelta(minutes=2)


class Awake(NamedTuple):
    """As it was billed: a longer time awake may be several, end to start."""

    start: datetime
    end: datetime
    size: str
    region: str


class Asleep(NamedTuple):
    start: datetime
    end: datetime
    rootfs: str  # as an interval names it: "2048 MB"


class Span(NamedTuple):
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Life:
    """One machine; each list is oldest first, `awake` and `asleep` do not overlap."""

    awake: Sequence[Awake]
    asleep: Sequence[Asleep]
    active: Sequence[Span]
    rootfs: str = "2048 MB"  # where it never slept


@dataclass(frozen=True)
class Replayed:
    awake: Sequence[Awake]
    asleep: Sequence[Asleep]
    wakes: int
    guessed: timedelta  # awake in fact, but when it was used is not known


def replay(life: Life, before: timedelta, after: timedelta) -> Replayed:
    """`before` is the time-out it really had, `after` the one it is tried with."""
    lifetimes = joined([*life.awake, *life.asleep])
    awake: list[Awake] = []
    wakes, guessed, free_from = 0, timedelta(), lifetimes[0].start if lifetimes else None
    runs, active = list(_runs(life.awake)), joined(life.active)
    for run, following in zip_longest(runs, runs[1:]):
        limit = _lifetime_end(lifetimes, run[0].start)
        if following is not None:
            limit = min(limit, following[0].start)
        bursts, known = _bursts(run, active, before, limit)
        if not known:
            guessed += run[-1].end - run[0].start
        for start, end in _spans(run[-1].end, bursts, limit, before, after):
            wakes += start != free_from
            awake.extend(_as_billed(run, start, end))
            free_from = end
    return Replayed(awake, list(_asleep(life, awake)), wakes, guessed)


def wakes_of(awake: Sequence[Awake], asleep: Sequence[Asleep]) -> int:
    """How often it really woke; being awake from the beginning is no wake."""
    starts = [run[0].start for run in _runs(awake)]
    first = min([*starts[:1], *(span.start for span in asleep[:1])], default=None)
    return sum(start != first for start in starts)


def joined(spans: Iterable[Sequence[datetime] | Awake | Asleep]) -> list[Span]:
    """Without overlaps and seams, oldest first."""
    found: list[Span] = []
    for start, end in sorted((span[0], span[1]) for span in spans):
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, end))
        else:
            found.append(Span(start, end))
    return found


def _runs(awake: Sequence[Awake]) -> Iterator[list[Awake]]:
    run: list[Awake] = []
    for piece in awake:
        if run and piece.start > run[-1].end:
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def _lifetime_end(lifetimes: Sequence[Span], at: datetime) -> datetime:
    return lifetimes[bisect_right(lifetimes, at, key=lambda span: span.start) - 1].end


def _bursts(
    run: Sequence[Awake], active: Sequence[Span], before: timedelta, limit: datetime
) -> tuple[list[Span], bool]:
    """When it was used; False: nothing tells, so it is taken as used until the time-out began."""
    start, end = run[0].start, run[-1].end
    inside = []
    for n in range(bisect_left(active, start, key=lambda span: span.end), len(active)):
        if active[n].start >= end:
            break
        inside.append(Span(max(active[n].start, start), min(active[n].end, end)))
    if inside:
        return joined([Span(start, start), *inside]), True
    return [Span(start, end if end >= limit else max(start, end - before))], False


def _spans(
    ended: datetime,
    bursts: Sequence[Span],
    limit: datetime,
    before: timedelta,
    after: timedelta,
) -> Iterator[Span]:
    """When it would have been awake for these bursts, which in fact ended at `ended`."""
    tail = ended - bursts[-1].end
    by_hand = tail < before - LAG
    lag = timedelta() if by_hand else min(tail - before, LAG)
    cap = min(ended, limit) if by_hand else limit
    start = bursts[0].start
    for burst, following in zip(bursts, [*bursts[1:], None], strict=True):
        if following is None:
            end = min(max(burst.end + after + lag, burst.end), cap)
            if end > start:
                yield Span(start, end)
        elif following.start - burst.end > after + LAG:
            yield Span(start, burst.end + after)
            start = following.start


def _as_billed(run: Sequence[Awake], start: datetime, end: datetime) -> Iterator[Awake]:
    """In the pieces of the ledger, so that what did not change rounds as it did there."""
    for piece in run:
        begin, finish = max(piece.start, start), min(piece.end, end)
        if begin < finish:
            yield Awake(begin, finish, piece.size, piece.region)
    begin = max(start, run[-1].end)
    if begin < end:
        yield Awake(begin, end, run[-1].size, run[-1].region)


def _asleep(life: Life, awake: Sequence[Awake]) -> Iterator[Asleep]:
    """Whenever it was there and is not awake now."""
    cover = joined(awake)
    for slept in life.asleep:
        for start, end in _without(slept, cover):
            yield Asleep(start, end, slept.rootfs)
    starts = [slept.start for slept in life.asleep]
    for piece in life.awake:
        for start, end in _without(piece, cover):
            n = max(bisect_right(starts, start) - 1, 0)
            yield Asleep(start, end, life.asleep[n].rootfs if starts else life.rootfs)


def _without(span: Awake | Asleep, cover: Sequence[Span]) -> Iterator[Span]:
    """The parts of a span that the cover leaves free."""
    start = span.start
    for n in range(bisect_right(cover, start, key=lambda c: c.end), len(cover)):
        if cover[n].start >= span.end:
            break
        if start < cover[n].start:
            yield Span(start, cover[n].start)
        start = max(start, cover[n].end)
    if start < span.end:
        yield Span(start, span.end)
