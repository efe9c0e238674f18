"""Writing snapshots: real copies, made in the background."""

import asyncio
import hashlib

from localfly.cloud import Cloud
from localfly.state import Snapshot, Volume
from localfly.trees import changed_bytes, copy_tree

UNFINISHED = ("waiting", "running")


async def take(cloud: Cloud, volume: Volume, snapshot: Snapshot) -> None:
    """Copy the volume's folder; what is stored is what changed since the one before."""
    timings, world, disks = cloud.settings.timings, cloud.world, cloud.disks
    await asyncio.sleep(timings.snapshot_wait)
    snapshot.status = "running"
    world.save_snapshot(snapshot)
    lag = asyncio.create_task(asyncio.sleep(timings.snapshot_run))
    target = disks.snapshot(snapshot.id)
    if not cloud.settings.simulated:
        await asyncio.to_thread(copy_tree, disks.volume(volume.id), target)
        done = [one for one in world.snapshots_of(volume.id) if one.status == "created"]
        before = disks.snapshot(done[-1].id) if done else None
        snapshot.size = await asyncio.to_thread(changed_bytes, target, before)
    await lag
    snapshot.digest = hashlib.sha256(snapshot.id.encode()).hexdigest()[:32] + "-1"
    snapshot.status = "created"
    world.save_snapshot(snapshot)


def unfinished(cloud: Cloud) -> list[tuple[Volume, Snapshot]]:
    """What a restart of Local Fly interrupted."""
    return [
        (cloud.world.volumes[snapshot.volume_id], snapshot)
        for snapshot in cloud.world.snapshots.values()
        if snapshot.status in UNFINISHED and snapshot.volume_id in cloud.world.volumes
    ]
