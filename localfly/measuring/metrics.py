"""The samples of all machines and volumes: taken while Local Fly runs, and found again.

Every scrape takes one sample of each started machine; stopped and suspended ones have none. The
connections are looked at once a second at least. Samples are in memory: a restart of Local Fly
forgets them, as it boots every machine anew.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence

from localfly.hosts import Host
from localfly.measuring.disks import VolumeGauges
from localfly.measuring.meters import Meter
from localfly.measuring.processes import Usage, socket_inodes, usages
from localfly.measuring.readings import (
    DEVICE,
    RECEIVED,
    SENT,
    UP,
    Reading,
    machine_labels,
    shape_of,
)
from localfly.measuring.sockets import open_table
from localfly.measuring.synthetic import computed
from localfly.measuring.traffic import Traffic
from localfly.mounts import Disks
from localfly.process import Guest
from localfly.prometheus.matchers import NAME, Labels, Matcher
from localfly.prometheus.series import Series
from localfly.prometheus.storage import Storage
from localfly.settings import Settings
from localfly.state import Machine
from localfly.world import World

_LOOK_EVERY = 1.0
_FORGET_EVERY = 3600.0


class Metrics:
    def __init__(self, world: World, host: Host, disks: Disks, settings: Settings) -> None:
        self._world, self._host = world, host
        self._interval, self._simulated = settings.scrape_interval, settings.simulated
        self._volumes = VolumeGauges(world, disks)
        self._meters: dict[str, Meter] = {}
        self._forgot_at = time.time()
        self.storage = Storage()
        self.traffic = Traffic(host.guests, None if self._simulated else open_table())

    def select(self, matchers: Sequence[Matcher]) -> Iterator[Series]:
        """What was stored, and for simulated machines what can be computed instead."""
        yield from self.storage.select(matchers)
        if self._simulated:
            for series in computed(self._world, matchers, self._interval):
                labels = dict(series.labels)
                if self.storage.known(labels.pop(NAME), labels) is None:
                    yield series

    async def run(self) -> None:
        """Until it is cancelled."""
        if self._simulated:
            return
        table, loop = self.traffic.table, asyncio.get_running_loop()
        if table is not None:
            loop.add_reader(table.fileno(), self.traffic.hear)
        try:
            await asyncio.gather(self._look(), self._scrape(), self._weigh())
        finally:
            if table is not None:
                loop.remove_reader(table.fileno())

    def close(self) -> None:
        self.traffic.close()

    def keep(self, readings: Iterable[Reading], at: float) -> None:
        for metric, labels, value in readings:
            self.storage.series(metric, labels).append(at, value)

    def net(self, machine: Machine, guest: Guest, labels: Labels) -> Iterator[Reading]:
        """Nothing where bytes cannot be counted: no sample is better than a false zero."""
        if self.traffic.table is not None:
            tally = self.traffic.tally(machine.id, guest)
            yield Reading(SENT, {**labels, **DEVICE}, tally.sent)
            yield Reading(RECEIVED, {**labels, **DEVICE}, tally.received)

    async def _look(self) -> None:
        while True:
            sessions = {guest.pid for guest in self._host.guests().values()}
            inodes = await asyncio.to_thread(socket_inodes, sessions) if sessions else {}
            self.traffic.look(inodes)
            await asyncio.sleep(min(self._interval, _LOOK_EVERY))

    async def _scrape(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            await self._sample()

    async def _weigh(self) -> None:
        """Volumes take long to measure: at most a twentieth of the time goes into it."""
        while True:
            began = time.monotonic()
            self.keep(await self._volumes.readings(), time.time())
            await asyncio.sleep(max(self._interval, 20 * (time.monotonic() - began)))

    async def _sample(self) -> None:
        sessions = {guest.pid for guest in self._host.guests().values()}
        used = await asyncio.to_thread(usages, sessions) if sessions else {}
        now = time.time()
        guests = self._host.guests()
        self._meters = {key: meter for key, meter in self._meters.items() if key in guests}
        for machine_id, guest in guests.items():
            machine = self._world.machines[machine_id]
            if machine.state == "started":
                self.keep(self._readings(machine, guest, used.get(guest.pid)), now)
            elif machine_id in self._meters:
                self._meters[machine_id].pause()
        if now - self._forgot_at > _FORGET_EVERY:
            self._forgot_at = now
            self.storage.forget_expired(now)

    def _readings(self, machine: Machine, guest: Guest, usage: Usage | None) -> Iterator[Reading]:
        shape = shape_of(machine)
        labels = machine_labels(self._world, machine, shape)
        yield Reading(UP, labels, 1)
        yield from self.net(machine, guest, labels)
        if usage is None:
            return
        meter = self._meters.get(machine.id)
        if meter is None or meter.pid != guest.pid:
            meter = self._meters[machine.id] = Meter(guest.pid)
        meter.take(usage, shape.cpus, time.monotonic())
        yield from meter.readings(labels, usage, shape)
