"""Volumes in the shapes that Fly answers."""

from typing import Any

from localfly.cloud import Cloud
from localfly.ids import rfc3339_ms
from localfly.reach import volume_answers
from localfly.state import Volume

_BLOCK = 4096
_GIB = 1024**3


def volume_body(cloud: Cloud, volume: Volume, *, measured: bool = False) -> dict[str, Any]:
    """Fly knows no sizes before the first mount."""
    total = volume.size_gb * _GIB if volume.mounted else 0
    used = cloud.disks.volume_bytes(volume.id) if measured and volume.mounted else 0
    free = max(total - used, 0) // _BLOCK
    return {
        "id": volume.id,
        "name": volume.name,
        "state": volume.state,
        "size_gb": volume.size_gb,
        "region": volume.region,
        "zone": volume.zone,
        "encrypted": volume.encrypted,
        "attached_machine_id": volume.machine_id,
        "attached_alloc_id": None,
        "created_at": rfc3339_ms(volume.created_ms),
        "blocks": total // _BLOCK,
        "block_size": _BLOCK if volume.mounted else 0,
        "blocks_free": free,
        "blocks_avail": free,
        "bytes_total": total,
        "bytes_used": used,
        "fstype": volume.fstype if volume.mounted else "",
        "snapshot_retention": volume.snapshot_retention,
        "auto_backup_enabled": volume.auto_backup_enabled,
        "host_dedication_key": "",
        "host_status": "ok" if volume_answers(cloud, volume) else "unreachable",
        "type": "local",
    }


def org_volume_body(cloud: Cloud, volume: Volume, *, summary: bool) -> dict[str, Any]:
    body = {
        **volume_body(cloud, volume),
        "app_name": volume.app_name,
        "updated_at": rfc3339_ms(volume.updated_ms),
    }
    if summary:
        for key in ("blocks", "block_size", "blocks_free", "blocks_avail"):
            del body[key]
    return body
