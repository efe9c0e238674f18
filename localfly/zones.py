"""On which host of a region a new volume comes to lie."""

import secrets

from localfly.cloud import Cloud
from localfly.regions import candidates, zones


def place_volume(
    cloud: Cloud, app_name: str, name: str | None, expression: str
) -> tuple[str, str] | None:
    """Region and zone, the first region with room winning; None when there is none.

    Hosts that hold a volume of the app with this name are left out, or any volume of the app when
    the name is ""; with None the hosts may be shared.
    """
    faults = cloud.faults
    closed = {*faults.full_regions, *faults.full_volume_regions, *faults.unreachable_regions}
    for region in candidates(expression):
        taken = {
            volume.zone
            for volume in cloud.world.volumes_of(app_name)
            if name is not None
            and volume.deleted_ms is None
            and volume.region == region
            and name in ("", volume.name)
        }
        lost = taken.union(faults.full_zones, faults.unreachable_zones)
        free = [zone for zone in zones(region, faults.hosts_per_region) if zone not in lost]
        if free and region not in closed:
            return region, secrets.choice(free)
    return None
