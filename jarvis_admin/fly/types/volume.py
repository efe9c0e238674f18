"""Volumes and their snapshots."""

from datetime import datetime, timedelta

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


MOUNTABLE = frozenset(("created", "extending", "hydrating"))


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

    @property
    def mountable(self) -> bool:
        """Filled, if it began as a copy; a fork still hydrating can be used already."""
        return self.state in MOUNTABLE

    @property
    def reachable(self) -> bool:
        """False when its host is down: no snapshot, no fork, no change until it is back."""
        return self.host_status in ("", "ok")


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

    @property
    def finished(self) -> bool:
        return self.status == "created"

    @property
    def ends_at(self) -> datetime:
        """When Fly lets it go; the app's deletion ends it sooner."""
        return self.created_at + timedelta(days=self.retention_days)
