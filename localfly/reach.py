"""Which hosts answer: a fault may take them down, and puts them up again when it goes."""

from localfly.cloud import Cloud
from localfly.config import volume_of
from localfly.state import Machine, Volume


def machine_answers(cloud: Cloud, machine: Machine) -> bool:
    faults = cloud.faults
    if machine.id in faults.unreachable_machines or machine.region in faults.unreachable_regions:
        return False
    if not faults.unreachable_volumes and not faults.unreachable_zones:
        return True
    volume = cloud.world.volumes.get(volume_of(machine.config) or "")
    return volume is None or volume_answers(cloud, volume)


def volume_answers(cloud: Cloud, volume: Volume) -> bool:
    """A volume and the machine that holds it lie on one host."""
    faults = cloud.faults
    return not (
        volume.id in faults.unreachable_volumes
        or volume.region in faults.unreachable_regions
        or volume.zone in faults.unreachable_zones
        or volume.machine_id in faults.unreachable_machines
    )


def volume_host_full(cloud: Cloud, volume: Volume) -> bool:
    faults = cloud.faults
    return (
        volume.id in faults.full_volumes
        or volume.zone in faults.full_zones
        or volume.region in faults.full_regions
    )
