"""What goes by itself with time, and what a restart of Local Fly has to finish."""

import asyncio

from localfly.cloud import Cloud
from localfly.filling import fill
from localfly.ids import now_ms
from localfly.taking import take, unfinished
from localfly.teardown import tear_down

_DAY_MS = 24 * 3600 * 1000


def finish_interrupted(cloud: Cloud) -> None:
    """Apps that were being deleted, snapshots that were being written, volumes being filled."""
    for app in [app for app in cloud.world.apps.values() if app.deleting]:
        cloud.background(tear_down(cloud, app))
    for volume, snapshot in unfinished(cloud):
        cloud.background(take(cloud, volume, snapshot))
    for volume in [volume for volume in cloud.world.volumes.values() if volume.filled_from]:
        cloud.background(fill(cloud, volume, (volume.state,)))


async def run(cloud: Cloud) -> None:
    while True:
        await asyncio.sleep(cloud.settings.timings.sweep)
        await sweep(cloud)


async def sweep(cloud: Cloud) -> None:
    """Forget volumes that were deleted long enough ago, and expired snapshots."""
    world, now = cloud.world, now_ms()
    grace_ms = cloud.settings.timings.volume_grace * 1000
    for volume in list(world.volumes.values()):
        if volume.deleted_ms is not None and now - volume.deleted_ms > grace_ms:
            world.drop_volume(volume)
            await asyncio.to_thread(cloud.disks.remove_volume, volume.id)
    for snapshot in list(world.snapshots.values()):
        if now - snapshot.created_ms > snapshot.retention_days * _DAY_MS:
            world.drop_snapshot(snapshot)
            await asyncio.to_thread(cloud.disks.remove_snapshot, snapshot.id)
