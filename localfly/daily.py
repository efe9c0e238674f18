"""Fly's own snapshots: one a day of every volume that wants them, and their end."""

from localfly.cloud import Cloud
from localfly.ids import now_ms
from localfly.reach import volume_answers
from localfly.state import Snapshot, Volume
from localfly.taking import UNFINISHED, expire, schedule, unfinished_of


def schedule_due(cloud: Cloud) -> list[Snapshot]:
    """Each volume at its own time of the day; days on which Local Fly was away are lost."""
    now = now_ms()
    due = [volume for volume in cloud.world.volumes.values() if _due(cloud, volume, now)]
    return [schedule(cloud, volume, automatic=True) for volume in due]


async def expire_old(cloud: Cloud) -> int:
    """Snapshots whose retention is over, unless a volume is being filled from them."""
    now, day_ms = now_ms(), cloud.settings.day * 1000
    needed = {volume.from_snapshot for volume in cloud.world.volumes.values()}
    over = [
        snapshot
        for snapshot in cloud.world.snapshots.values()
        if now - snapshot.created_ms >= snapshot.retention_days * day_ms
        and snapshot.status not in UNFINISHED
        and snapshot.id not in needed
    ]
    for snapshot in over:
        await expire(cloud, snapshot)
    return len(over)


def _possible(cloud: Cloud, volume: Volume) -> bool:
    return (
        volume.auto_backup_enabled
        and volume.deleted_ms is None
        and volume.state == "created"
        and volume_answers(cloud, volume)
        and unfinished_of(cloud, volume) is None
    )


def _due(cloud: Cloud, volume: Volume, now: int) -> bool:
    today = _day(cloud, volume, now)
    # The cheap question comes first: of 100,000 volumes hardly any gets further.
    if today <= _day(cloud, volume, max(volume.created_ms, cloud.opened_ms)):
        return False
    taken = (one.created_ms for one in cloud.world.snapshots_of(volume.id) if one.automatic)
    return today > _day(cloud, volume, max(taken, default=0)) and _possible(cloud, volume)


def _day(cloud: Cloud, volume: Volume, at_ms: int) -> float:
    """The volume's age in whole days."""
    return (at_ms - volume.created_ms) // (cloud.settings.day * 1000)
