"""Volumes that begin as a copy: restored from a snapshot, or forked from a volume."""

import asyncio
import logging
from pathlib import Path

from localfly.cloud import Cloud
from localfly.errors import HostUnreachable, bad_request, not_found, precondition
from localfly.reach import volume_answers
from localfly.state import App, Snapshot, Volume
from localfly.trees import copy_tree

_log = logging.getLogger(__name__)

_GIB = 1024**3
_RESTORE = ("creating", "restoring")
_FORK = ("creating", "enabling_remote_export", "hydrating")
_COPYING = ("restoring", "enabling_remote_export")

Source = Snapshot | Volume


def find_source(
    cloud: Cloud, app: App, snapshot_id: str | None, volume_id: str | None
) -> Source | None:
    """None when the new volume is to be empty."""
    if snapshot_id and volume_id:
        raise bad_request("only one of snapshot_id and source_volume_id can be given")
    if snapshot_id:
        return _finished_snapshot(cloud, app, snapshot_id)
    if volume_id:
        return _forkable_volume(cloud, app, volume_id)
    return None


def _finished_snapshot(cloud: Cloud, app: App, snapshot_id: str) -> Snapshot:
    """Wherever its volume is now: snapshots do not lie on the volume's host."""
    snapshot = cloud.world.snapshots.get(snapshot_id)
    if snapshot is None or snapshot.app_name != app.name:
        raise not_found("snapshot")
    if snapshot.status != "created":
        raise precondition("snapshot is not ready")
    return snapshot


def _forkable_volume(cloud: Cloud, app: App, volume_id: str) -> Volume:
    volume = cloud.world.volumes.get(volume_id)
    if volume is None or volume.app_name != app.name or volume.deleted_ms is not None:
        raise not_found("volume")
    if not volume_answers(cloud, volume):
        raise HostUnreachable
    if volume.state != "created":
        raise precondition(f"source volume is not ready, currently {volume.state}")
    return volume


def size_gb(source: Source) -> int:
    return source.size_gb if isinstance(source, Volume) else source.volume_size // _GIB


def begin_filling(cloud: Cloud, volume: Volume, source: Source) -> None:
    if isinstance(source, Volume):
        volume.from_volume = source.id
    else:
        volume.from_snapshot = source.id
    volume.state = "creating"
    cloud.world.save_volume(volume)
    cloud.background(fill(cloud, volume))


def unfilled(cloud: Cloud) -> list[Volume]:
    """What is being filled, or was when Local Fly ended."""
    return [
        volume
        for volume in cloud.world.volumes.values()
        if (volume.from_snapshot or volume.from_volume) and volume.deleted_ms is None
    ]


async def fill(cloud: Cloud, volume: Volume) -> None:
    """Goes through the states, the bytes moving in one of them, and ends as `created`.

    May be run again after a restart: the state that was interrupted is done over.
    """
    states = _FORK if volume.from_volume else _RESTORE
    pause = cloud.settings.timings.restore / len(states)
    for state in states[states.index(volume.state) :]:
        if not _wanted(cloud, volume):
            return
        volume.state = state
        cloud.world.save_volume(volume)
        if state in _COPYING and not await _copied(cloud, volume):
            return
        await asyncio.sleep(pause)
    if _wanted(cloud, volume):
        volume.from_snapshot = volume.from_volume = None
        volume.state = "created"
        cloud.world.save_volume(volume)


def _wanted(cloud: Cloud, volume: Volume) -> bool:
    return volume.id in cloud.world.volumes and volume.deleted_ms is None


async def _copied(cloud: Cloud, volume: Volume) -> bool:
    if cloud.settings.simulated:
        return True
    source = cloud.world.volumes.get(volume.from_volume or "")
    while source is not None and not volume_answers(cloud, source):
        await asyncio.sleep(0.05)
    folder = _folder(cloud, volume)
    try:
        await asyncio.to_thread(copy_tree, folder, cloud.disks.volume(volume.id))
    except OSError as error:
        _log.error("volume %s stays unfilled: %s", volume.id, error)
        return False
    if volume.id not in cloud.world.volumes:  # its app was deleted meanwhile
        await asyncio.to_thread(cloud.disks.remove_volume, volume.id)
        return False
    return True


def _folder(cloud: Cloud, volume: Volume) -> Path:
    if volume.from_snapshot:
        return cloud.disks.snapshot(volume.from_snapshot)
    return cloud.disks.volume(volume.from_volume or "")
