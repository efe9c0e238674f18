"""Machines, volumes and snapshots in the shapes that Fly answers."""

from typing import Any

import msgspec

from localfly.ids import rfc3339, rfc3339_ms
from localfly.images import image_ref
from localfly.mounts import Disks
from localfly.state import EVENTS_SHOWN, Machine, Snapshot, Volume

_BLOCK = 4096
_GIB = 1024**3


class _Overview(msgspec.Struct, omit_defaults=True):
    """What the organization's list shows of a config; decoding skips the rest."""

    image: str = ""
    guest: msgspec.Raw = msgspec.Raw()
    metadata: dict[str, Any] = {}


_overview = msgspec.json.Decoder(_Overview)


def machine_body(machine: Machine) -> dict[str, Any]:
    return {
        **machine_summary(machine),
        "image_ref": image_ref(machine.config["image"]),
        "config": machine.config_json,
        "events": machine.events[:EVENTS_SHOWN],
        "host_status": "ok",
    }


def machine_summary(machine: Machine) -> dict[str, Any]:
    return {
        "id": machine.id,
        "name": machine.name,
        "state": machine.state,
        "region": machine.region,
        "instance_id": machine.instance_id,
        "private_ip": machine.private_ip,
        "created_at": rfc3339(machine.created_ms),
        "updated_at": rfc3339(machine.updated_ms),
        "cordoned": machine.cordoned,
    }


def org_machine_body(machine: Machine, *, summary: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": machine.id,
        "app_name": machine.app_name,
        "name": machine.name,
        "state": machine.state,
        "region": machine.region,
        "private_ip": machine.private_ip,
        "version": machine.instance_id,
        "instance_id": machine.instance_id,
        "created_at": rfc3339(machine.created_ms),
        "updated_at": rfc3339(machine.updated_ms),
    }
    if not summary:
        body["config"] = _overview.decode(machine.config_json)
    return body


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


def snapshot_body(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "size": snapshot.size,
        "volume_size": snapshot.volume_size,
        "digest": snapshot.digest,
        "created_at": rfc3339(snapshot.created_ms).replace("Z", "+00:00"),
        "status": snapshot.status,
        "retention_days": snapshot.retention_days,
    }
