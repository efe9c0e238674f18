"""Volumes that begin as a copy: restored from a snapshot, or forked from a volume."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from localfly.cloud import Cloud
from localfly.errors import not_found, precondition
from localfly.state import App, Volume
from localfly.trees import copy_tree

_GIB = 1024**3


@dataclass(frozen=True)
class Source:
    folder: Path
    size_gb: int
    states: tuple[str, ...]  # what the new volume goes through before `created`


def find_source(
    cloud: Cloud, app: App, snapshot_id: str | None, volume_id: str | None
) -> Source | None:
    """None when the new volume is to be empty."""
    if snapshot_id:
        snapshot = cloud.world.snapshots.get(snapshot_id)
        if snapshot is None or snapshot.app_name != app.name:
            raise not_found("snapshot")
        if snapshot.status != "created":
            raise precondition("snapshot is not ready")
        folder = cloud.disks.snapshot(snapshot_id)
        return Source(folder, snapshot.volume_size // _GIB, ("restoring",))
    if volume_id:
        volume = cloud.world.volumes.get(volume_id)
        if volume is None or volume.app_name != app.name or volume.deleted_ms is not None:
            raise not_found("volume")
        states = ("creating", "enabling_remote_export", "hydrating")
        return Source(cloud.disks.volume(volume_id), volume.size_gb, states)
    return None


def begin_filling(cloud: Cloud, volume: Volume, source: Source) -> None:
    volume.filled_from = str(source.folder)
    volume.state = source.states[0]
    cloud.world.save_volume(volume)
    cloud.background(fill(cloud, volume, source.states))


async def fill(cloud: Cloud, volume: Volume, states: tuple[str, ...]) -> None:
    """Goes through the states, copies, ends as `created`; may be run again from the start."""
    for state in states:
        volume.state = state
        cloud.world.save_volume(volume)
        await asyncio.sleep(cloud.settings.timings.restore / len(states))
    folder = Path(volume.filled_from or "")
    if volume.filled_from and folder.exists():
        await asyncio.to_thread(copy_tree, folder, cloud.disks.volume(volume.id))
    volume.filled_from, volume.state = None, "created"
    cloud.world.save_volume(volume)
