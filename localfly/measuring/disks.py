"""How full the volumes are, from their folders."""

import asyncio
from contextlib import suppress

from localfly.measuring.readings import GIB, VOLUME_SIZE, VOLUME_USED, Reading, volume_labels
from localfly.mounts import Disks
from localfly.state import Volume
from localfly.world import World


class VolumeGauges:
    def __init__(self, world: World, disks: Disks) -> None:
        self._world, self._disks = world, disks

    async def readings(self) -> list[Reading]:
        """Of every volume that is not deleted; nothing stops a folder of ours from overflowing."""
        found: list[Reading] = []
        for volume in list(self._world.volumes.values()):
            if volume.deleted_ms is None:
                with suppress(OSError):  # a folder may go while we are in it
                    used = await asyncio.to_thread(self._disks.volume_bytes, volume.id)
                    found += _of(volume, used)
        return found


def _of(volume: Volume, used: int) -> list[Reading]:
    labels, size = volume_labels(volume), volume.size_gb * GIB
    percent = min(round(100 * used / size, 6), 100.0)
    return [Reading(VOLUME_SIZE, labels, size), Reading(VOLUME_USED, labels, percent)]
