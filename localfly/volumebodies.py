"""Volumes in the shapes that Fly answers."""

from typing import Any

from localfly.ids import rfc3339_ms
from localfly.mounts import Disks
from localfly.state import Volume

_BLOCK = 4096
_GIB = 1024**3


def volume_body(volume: Volume, disks: Disks | None = None) -> dict[str, Any]:
    """With the disks at hand, sizes are measured; Fly has none before the first mount."""
    total = volume.size_gb * _GIB if volume.mounted else 0
    used = disks.volume_bytes(volume.id) if disks and volume.mounted else 0
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
        "host_status": "ok",
        "type": "local",
    }


def org_volume_body(volume: Volume, *, summary: bool) -> dict[str, Any]:
    body = {
        **volume_body(volume),
        "app_name": volume.app_name,
        "updated_at": rfc3339_ms(volume.updated_ms),
    }
    if summary:
        for key in ("blocks", "block_size", "blocks_free", "blocks_avail"):
            del body[key]
    return body
