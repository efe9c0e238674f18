"""Where a machine goes: its region, and the volume that pins it there."""

from localfly.cloud import Cloud
from localfly.config import volume_of
from localfly.errors import ApiError, HostUnreachable, no_capacity, not_found, precondition
from localfly.reach import volume_answers, volume_host_full
from localfly.regions import candidates
from localfly.state import App, Config, Machine, Volume


def free_volume(cloud: Cloud, app: App, config: Config, machine: Machine | None) -> Volume | None:
    """The volume that the config mounts, refused when another machine has it."""
    volume_id = volume_of(config)
    if volume_id is None:
        return None
    volume = cloud.world.volumes.get(volume_id)
    if volume is None or volume.app_name != app.name or volume.deleted_ms is not None:
        raise not_found("volume")
    if volume.machine_id and (machine is None or volume.machine_id != machine.id):
        raise precondition(f"volume already claimed by machine {volume.machine_id}")
    if not volume_answers(cloud, volume):
        raise HostUnreachable
    return volume


def region_for(cloud: Cloud, expression: str, volume: Volume | None) -> str:
    """The volume's region, or the first of the wanted ones that has room."""
    if volume is not None:
        if volume_host_full(cloud, volume):
            text = "insufficient resources to create new machine with existing volume id"
            raise ApiError(412, f"{text} '{volume.id}'", "volume_placement_capacity")
        return volume.region
    closed = {*cloud.faults.full_regions, *cloud.faults.unreachable_regions}
    region = next((code for code in candidates(expression) if code not in closed), None)
    if region is None:
        raise no_capacity()
    return region


def claim(cloud: Cloud, volume: Volume | None, machine: Machine) -> None:
    if volume is not None:
        volume.machine_id = machine.id
        cloud.world.save_volume(volume)


def let_go(cloud: Cloud, volume_id: str) -> None:
    volume = cloud.world.volumes.get(volume_id)
    if volume is not None:
        volume.machine_id = None
        cloud.world.save_volume(volume)


def refuse_full_host(cloud: Cloud, machine: Machine) -> None:
    """To a stopped machine: its host kept the disk, but not the memory."""
    volume = cloud.world.volumes.get(volume_of(machine.config) or "")
    full = machine.region in cloud.faults.full_regions
    if full or (volume is not None and volume_host_full(cloud, volume)):
        raise ApiError(
            409,
            "aborted: could not reserve resource for machine: insufficient memory available"
            " to fulfill request on the current host",
        )
