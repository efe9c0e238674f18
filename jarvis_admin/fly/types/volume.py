"""Volumes and their snapshots."""

from datetime import datetime

import msgspec

from jarvis_admin.fly.types.record import Record

# States of a volume on its way out; such rows stay in the lists for a day (official client).
GONE = frozenset(
    (
        "scheduling_destroy",
        "fork_cleanup",
        "waiting_for_detach",
        "pending_destroy",
        "destroying",
        "destroyed",
    )
)


class Volume(Record, frozen=True, gc=False):
    """Byte figures are 0 until it was first mounted. Only org rows tell `app_name`."""

    id: str
    name: str
    state: str
    region: str
    size_gb: int
    created_at: datetime
    zone: str = ""
    app_name: str = ""
    encrypted: bool = True
    attached_machine_id: str | None = None
    bytes_total: int = 0
    bytes_used: int = 0
    fstype: str = ""
    snapshot_retention: int = 0
    auto_backup_enabled: bool = True
    host_status: str = ""
    kind: str = msgspec.field(name="type", default="local")

    @property
    def gone(self) -> bool:
        """Deleted, though still listed. Right after a delete this may lag a moment."""
        return self.state in GONE


class Extended(Record, frozen=True):
    volume: Volume
    needs_restart: bool = False


class Snapshot(Record, frozen=True):
    """`size` is what is stored and billed, in bytes; `status` runs waiting, running, created."""

    id: str
    created_at: datetime
    status: str = ""
    size: int = 0
    volume_size: int = 0
    digest: str = ""
    retention_days: int = 0
