"""What goes by itself with time, and what a restart of Local Fly has to finish."""

import asyncio
from dataclasses import dataclass

from localfly.cloud import Cloud
from localfly.daily import expire_old, schedule_due
from localfly.filling import fill, unfilled
from localfly.ids import now_ms
from localfly.state import Snapshot
from localfly.taking import take, unfinished
from localfly.teardown import tear_down


@dataclass(frozen=True)
class Swept:
    expired: int
    forgotten: int
    scheduled: list[Snapshot]


def finish_interrupted(cloud: Cloud) -> None:
    """Apps that were being deleted, snapshots that were being written, volumes being filled."""
    for app in [app for app in cloud.world.apps.values() if app.deleting]:
        cloud.background(tear_down(cloud, app))
    for volume, snapshot in unfinished(cloud):
        cloud.background(take(cloud, volume, snapshot))
    for volume in unfilled(cloud):
        cloud.background(fill(cloud, volume))


async def run(cloud: Cloud) -> None:
    pause = min(cloud.settings.timings.sweep, cloud.settings.day / 10)
    while True:
        await asyncio.sleep(pause)
        await sweep(cloud)


async def sweep(cloud: Cloud) -> Swept:
    """Begin the daily snapshots, end the expired ones, forget volumes deleted long enough ago."""
    scheduled = schedule_due(cloud)
    forgotten = await _forget_deleted(cloud)
    return Swept(await expire_old(cloud), forgotten, scheduled)


async def _forget_deleted(cloud: Cloud) -> int:
    world, now = cloud.world, now_ms()
    grace_ms = cloud.settings.timings.volume_grace * 1000
    needed = {volume.from_volume for volume in world.volumes.values()}
    over = [
        volume
        for volume in world.volumes.values()
        if volume.deleted_ms is not None
        and now - volume.deleted_ms > grace_ms
        and volume.id not in needed
    ]
    for volume in over:
        world.drop_volume(volume)
        await asyncio.to_thread(cloud.disks.remove_volume, volume.id)
    return len(over)
