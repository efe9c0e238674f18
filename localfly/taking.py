"""Writing snapshots: real copies, made in the background."""

import asyncio
import hashlib
import logging

from localfly.cloud import Cloud
from localfly.ids import now_ms, snapshot_id
from localfly.reach import volume_answers
from localfly.state import Snapshot, Volume
from localfly.trees import changed_bytes, copy_tree

_log = logging.getLogger(__name__)

UNFINISHED = ("waiting", "running")
_GIB = 1024**3


def schedule(cloud: Cloud, volume: Volume, *, automatic: bool = False) -> Snapshot:
    snapshot = Snapshot(
        id=snapshot_id(),
        app_name=volume.app_name,
        volume_id=volume.id,
        status="waiting",
        size=0,
        volume_size=volume.size_gb * _GIB,
        digest="",
        created_ms=now_ms(),
        retention_days=volume.snapshot_retention,
        automatic=automatic,
    )
    cloud.world.save_snapshot(snapshot)
    cloud.background(take(cloud, volume, snapshot))
    return snapshot


def unfinished_of(cloud: Cloud, volume: Volume) -> Snapshot | None:
    """The one that is being written, if there is one."""
    found = cloud.world.snapshots_of(volume.id)
    return next((snapshot for snapshot in found if snapshot.status in UNFINISHED), None)


async def take(cloud: Cloud, volume: Volume, snapshot: Snapshot) -> None:
    """Copy the volume's folder; what is stored is what changed since the one before."""
    timings, world, disks = cloud.settings.timings, cloud.world, cloud.disks
    await asyncio.sleep(timings.snapshot_wait)
    while not volume_answers(cloud, volume):
        await asyncio.sleep(0.05)
    if not _wanted(cloud, snapshot):
        return
    snapshot.status = "running"
    world.save_snapshot(snapshot)
    lag = asyncio.create_task(asyncio.sleep(timings.snapshot_run))
    if not cloud.settings.simulated:
        target = disks.snapshot(snapshot.id)
        try:
            await asyncio.to_thread(copy_tree, disks.volume(volume.id), target)
        except OSError as error:
            _log.error("snapshot %s failed: %s", snapshot.id, error)
            snapshot.status = "failed"
        else:
            snapshot.size = await _stored_bytes(cloud, snapshot)
    await lag
    if not _wanted(cloud, snapshot):
        await asyncio.to_thread(disks.remove_snapshot, snapshot.id)
        return
    if snapshot.status == "running":
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


async def expire(cloud: Cloud, snapshot: Snapshot) -> None:
    """The next one takes over what it shared with this one, so the sum stays what is stored."""
    chain = _finished(cloud, snapshot.volume_id)
    cloud.world.drop_snapshot(snapshot)
    await asyncio.to_thread(cloud.disks.remove_snapshot, snapshot.id)
    heir = next((one for one in chain if one.created_ms > snapshot.created_ms), None)
    if heir is not None and not cloud.settings.simulated:
        size = await _stored_bytes(cloud, heir)
        if _wanted(cloud, heir):
            heir.size = size
            cloud.world.save_snapshot(heir)


def _wanted(cloud: Cloud, snapshot: Snapshot) -> bool:
    """Its app may be deleted while it is written."""
    return snapshot.id in cloud.world.snapshots


async def _stored_bytes(cloud: Cloud, snapshot: Snapshot) -> int:
    chain = _finished(cloud, snapshot.volume_id)
    before = [one for one in chain if one.created_ms < snapshot.created_ms]
    earlier = cloud.disks.snapshot(before[-1].id) if before else None
    return await asyncio.to_thread(changed_bytes, cloud.disks.snapshot(snapshot.id), earlier)


def _finished(cloud: Cloud, volume_id: str) -> list[Snapshot]:
    found = cloud.world.snapshots_of(volume_id)
    return [snapshot for snapshot in found if snapshot.status == "created"]
