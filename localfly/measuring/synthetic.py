"""Counters of machines that have no process: computed when they are asked for, never stored.

Each is a function of the machine's id and of how long it has been running, so it is the same at
every look and after a restart of Local Fly: between 0.3 and 80 GB sent in a month of running,
more by day than by night, 2 to 30 % of the CPU, 30 to 80 % of the memory. It starts from 0 at
every boot, goes on after a suspend, and has no samples in between.
"""

import hashlib
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from localfly.measuring import readings
from localfly.measuring.readings import Shape, machine_labels, shape_of, volume_labels
from localfly.measuring.spans import Span, spans_of
from localfly.prometheus.matchers import NAME, Labels, Matcher, accepted, wanted
from localfly.prometheus.series import RETENTION, Sample, Series
from localfly.state import Machine, Volume
from localfly.world import World

Formula = Callable[[float], float]  # of the seconds that the boot has been running
Curves = Iterable[tuple[str, Labels, Formula]]

_DAY = 2 * math.pi / 86_400


@dataclass(frozen=True, slots=True)
class Computed:
    """One sample on every multiple of the interval, while the machine runs."""

    labels: Labels
    spans: Sequence[Span]
    formula: Formula
    interval: float
    now: float

    def latest(self, after: float, until: float) -> Sample | None:
        until, after = min(until, self.now), max(after, self.now - RETENTION)
        for span in reversed(self.spans):
            last = until if span.end is None else min(until, span.end - 1e-3)
            at = last // self.interval * self.interval
            if at >= span.start:
                return self._sample(span, at) if at > after else None
        return None

    def between(self, after: float, until: float) -> list[Sample]:
        until, after = min(until, self.now), max(after, self.now - RETENTION)
        found: list[Sample] = []
        for span in self.spans:
            at = max(after // self.interval + 1, math.ceil(span.start / self.interval))
            end = until if span.end is None else min(until, span.end - 1e-3)
            while at * self.interval <= end:
                found.append(self._sample(span, at * self.interval))
                at += 1
        return found

    def _sample(self, span: Span, at: float) -> Sample:
        return Sample(at, float(self.formula(span.carried + at - span.start)))


def computed(world: World, matchers: Sequence[Matcher], interval: float) -> Iterator[Series]:
    now = time.time()
    for machine in _machines(world, matchers):
        spans = spans_of(machine)
        if spans:
            shape = shape_of(machine)
            labels = machine_labels(world, machine, shape)
            yield from _chosen(_curves(machine, shape, labels), matchers, spans, interval, now)
    if wanted(matchers, "instance") is None:
        for volume in world.volumes.values():
            if volume.deleted_ms is None:
                spans = [Span(volume.created_ms / 1000, None)]
                yield from _chosen(_fill(volume), matchers, spans, interval, now)


def _machines(world: World, matchers: Sequence[Matcher]) -> Iterable[Machine]:
    instance, app = wanted(matchers, "instance"), wanted(matchers, "app")
    if (wanted(matchers, NAME) or "").startswith("fly_volume_"):
        return ()
    if instance:
        return filter(None, [world.machines.get(instance)])
    return world.machines_of(app) if app else world.machines.values()


def _chosen(
    curves: Curves, matchers: Sequence[Matcher], spans: list[Span], interval: float, now: float
) -> Iterator[Series]:
    name = wanted(matchers, NAME)
    for metric, labels, formula in curves:
        if name in (None, metric):
            named = {NAME: metric, **labels}
            if accepted(named, matchers):
                yield Computed(named, spans, formula, interval, now)


def _curves(machine: Machine, shape: Shape, labels: Labels) -> Curves:
    sent, received, busy, held = _fractions(machine.id)
    eth0 = {**labels, **readings.DEVICE}
    yield readings.UP, labels, lambda _: 1
    yield readings.SENT, eth0, _counter(10 ** (2.0 + 2.5 * sent), sent)
    yield readings.RECEIVED, eth0, _counter(10 ** (2.3 + 2.3 * received), received)
    share = 0.02 + 0.28 * busy
    for mode, part in (("user", 0.8 * share), ("system", 0.2 * share), ("idle", 1 - share)):
        for cpu in range(shape.cpus):
            own = {**labels, "cpu_id": str(cpu), "mode": mode}
            yield readings.CPU, own, _counter(100 * part, 0.0, wave=0.0)
    for minutes in readings.LOAD_MINUTES:
        load = round(share * shape.cpus, 2)
        yield readings.LOAD, {**labels, "minutes": str(minutes)}, _constant(load)
    yield readings.MEMORY, labels, _constant(shape.memory)
    yield readings.MEMORY_LEFT, labels, _constant(shape.memory * (0.7 - 0.5 * held) // 1)


def _fill(volume: Volume) -> Curves:
    """A little more every day."""
    start, pace, *_ = _fractions(volume.id)
    labels = volume_labels(volume)
    yield readings.VOLUME_SIZE, labels, _constant(volume.size_gb * readings.GIB)
    yield (
        readings.VOLUME_USED,
        labels,
        lambda age: min(round(2 + 50 * start + pace * age / 86_400, 3), 97.0),
    )


def _constant(value: float) -> Formula:
    return lambda _: value


def _counter(rate: float, phase: float, wave: float = 0.6) -> Formula:
    """So much a second on average, in daily waves; it never falls, as `wave` is below 1."""
    turn = 2 * math.pi * phase
    return lambda age: (
        rate * (age + wave * (math.sin(_DAY * age + turn) - math.sin(turn)) / _DAY) // 1
    )


def _fractions(key: str) -> tuple[float, float, float, float]:
    """Four numbers from 0 to 1 that belong to the key."""
    one, two, three, four, *_ = hashlib.sha256(key.encode()).digest()
    return one / 255, two / 255, three / 255, four / 255
