"""The metrics we have, their labels as Fly writes them, and one value of one of them."""

import hashlib
from typing import Any, NamedTuple

import msgspec

from localfly.prometheus.matchers import Labels
from localfly.state import Machine, Volume
from localfly.world import World

UP = "fly_instance_up"
SENT, RECEIVED = "fly_instance_net_sent_bytes", "fly_instance_net_recv_bytes"
CPU, LOAD = "fly_instance_cpu", "fly_instance_load_average"
MEMORY, MEMORY_LEFT = "fly_instance_memory_mem_total", "fly_instance_memory_mem_available"
VOLUME_SIZE, VOLUME_USED = "fly_volume_size_bytes", "fly_volume_used_pct"

DEVICE = {"device": "eth0"}
MODES = ("user", "system", "idle")
LOAD_MINUTES = (1, 5, 15)
GIB, MIB = 1024**3, 1024**2


class Reading(NamedTuple):
    metric: str
    labels: Labels
    value: float


class _Guest(msgspec.Struct):
    cpus: int = 1
    memory_mb: int = 256


class _Mount(msgspec.Struct):
    volume: str = ""


class Shape(msgspec.Struct):
    """The little of a config that the metrics need."""

    guest: _Guest | None = None
    mounts: list[_Mount] | None = None

    @property
    def cpus(self) -> int:
        return max(self.guest.cpus, 1) if self.guest else 1

    @property
    def memory(self) -> int:
        return (self.guest.memory_mb if self.guest else 256) * MIB


_shape = msgspec.json.Decoder(Shape)


def shape_of(machine: Machine) -> Shape:
    """A config may hold anything; one of odd types counts as one that says nothing."""
    try:
        return _shape.decode(machine.config_json)
    except msgspec.ValidationError:
        return Shape()


def machine_labels(world: World, machine: Machine, shape: Shape) -> Labels:
    """The host is the one that holds the machine's volume."""
    volume: Any = world.volumes.get(shape.mounts[0].volume) if shape.mounts else None
    return {
        "app": machine.app_name,
        "region": machine.region,
        "host": volume.zone if volume else hashlib.sha256(machine.id.encode()).hexdigest()[:4],
        "instance": machine.id,
    }


def volume_labels(volume: Volume) -> Labels:
    return {
        "app": volume.app_name,
        "region": volume.region,
        "host": volume.zone,
        "id": volume.id,
    }
