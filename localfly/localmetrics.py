"""An extra outside of Fly's API: counters moved and histories set by hand, for tests."""

import time

import msgspec
from aiohttp import web

from localfly.cloud import Cloud, cloud_of
from localfly.errors import not_found
from localfly.http import answer, read
from localfly.measuring.readings import (
    DEVICE,
    RECEIVED,
    SENT,
    Reading,
    machine_labels,
    shape_of,
    volume_labels,
)
from localfly.prometheus.matchers import NAME, Labels, Matcher
from localfly.state import Machine

routes = web.RouteTableDef()


class Added(msgspec.Struct, forbid_unknown_fields=True):
    instance: str
    sent_bytes: int = 0
    received_bytes: int = 0


class History(msgspec.Struct, forbid_unknown_fields=True):
    """All samples of one series, [Unix seconds, value], instead of those it has."""

    metric: str
    samples: list[tuple[float, float]]
    instance: str = ""
    volume: str = ""
    labels: dict[str, str] = {}  # beyond those of the machine or volume


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    history: list[History] = []
    reset: list[str] = []
    add: list[Added] = []


@routes.post("/_local/metrics")
async def move(request: web.Request) -> web.Response:
    """Histories first, then resets to 0, then what is added; each is a sample at once.

    A simulated machine whose series was touched has no computed samples of that metric any more.
    """
    cloud, wish = cloud_of(request), await read(request, Wish)
    for row in wish.history:
        cloud.metrics.storage.series(row.metric, _labels(cloud, row)).replace(row.samples)
    for machine_id in wish.reset:
        _count(cloud, _machine(cloud, machine_id), None)
    for added in wish.add:
        _count(cloud, _machine(cloud, added.instance), added)
    return answer({"history": len(wish.history), "reset": len(wish.reset), "add": len(wish.add)})


def _count(cloud: Cloud, machine: Machine, added: Added | None) -> None:
    """Add to the network counters, or begin them again at 0."""
    labels = machine_labels(cloud.world, machine, shape_of(machine))
    guest = cloud.host.guest(machine)
    if guest is None or cloud.metrics.traffic.table is None:
        readings = [_after(cloud, metric, labels, added) for metric in (SENT, RECEIVED)]
    else:
        tally = cloud.metrics.traffic.tally(machine.id, guest)
        tally.sent = tally.sent + added.sent_bytes if added else 0
        tally.received = tally.received + added.received_bytes if added else 0
        readings = list(cloud.metrics.net(machine, guest, labels))
    cloud.metrics.keep(readings, time.time())


def _after(cloud: Cloud, metric: str, labels: Labels, added: Added | None) -> Reading:
    """What follows the newest sample of a series that nothing measures."""
    own = {**labels, **DEVICE}
    if added is None:
        return Reading(metric, own, 0)
    matchers = [Matcher.of(name, "=", value) for name, value in {NAME: metric, **own}.items()]
    series = next(iter(cloud.metrics.select(matchers)), None)
    last = series.latest(0, time.time()) if series is not None else None
    more = added.sent_bytes if metric == SENT else added.received_bytes
    return Reading(metric, own, (last.value if last else 0) + more)


def _labels(cloud: Cloud, row: History) -> Labels:
    if row.volume:
        volume = cloud.world.volumes.get(row.volume)
        if volume is None:
            raise not_found("volume")
        return {**volume_labels(volume), **row.labels}
    machine = _machine(cloud, row.instance)
    device = DEVICE if row.metric in (SENT, RECEIVED) else {}
    return {**machine_labels(cloud.world, machine, shape_of(machine)), **device, **row.labels}


def _machine(cloud: Cloud, machine_id: str) -> Machine:
    machine = cloud.world.machines.get(machine_id)
    if machine is None:
        raise not_found("machine")
    return machine
