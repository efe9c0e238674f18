"""The objects Local Fly keeps; each is one row in the store."""

from typing import Any

import msgspec

from localfly.ids import now_ms

Config = dict[str, Any]

EVENTS_KEPT = 50
EVENTS_SHOWN = 20
VERSIONS_KEPT = 20


# While a volume is being filled; hydrating ones can be mounted already.
NOT_MOUNTABLE = ("creating", "restoring", "enabling_remote_export")


class Secret(msgspec.Struct, kw_only=True):
    name: str
    value: str
    digest: str
    created_ms: int
    updated_ms: int


class IpAssignment(msgspec.Struct, kw_only=True):
    ip: str
    type: str
    region: str
    service_name: str
    created_ms: int
    network: str | None = None


class App(msgspec.Struct, kw_only=True):
    id: str
    number: int
    name: str
    network: str
    created_ms: int
    deleting: bool = False
    secrets: dict[str, Secret] = {}
    secrets_version: int = 0
    ips: list[IpAssignment] = []


class Event(msgspec.Struct, omit_defaults=True):
    id: str
    type: str
    status: str
    source: str
    timestamp: int
    request: dict[str, Any] | None = None


class Lease(msgspec.Struct):
    nonce: str
    expires_at: int  # epoch seconds
    owner: str
    description: str
    version: str


class Version(msgspec.Struct):
    version: str
    user_config: msgspec.Raw


class Machine(msgspec.Struct, kw_only=True):
    """The config is kept as the JSON it came in: a fleet of 100,000 is mostly config."""

    id: str
    app_name: str
    name: str
    state: str
    region: str
    instance_id: str
    private_ip: str
    config_json: msgspec.Raw
    created_ms: int
    updated_ms: int
    events: list[Event] = []  # newest first
    versions: list[Version] = []  # the replaced ones, newest first
    lease: Lease | None = None
    cordoned: bool = False
    skip_launch: bool = False
    crashed_ms: list[int] = []  # the crashes that count against max_retries

    @property
    def config(self) -> Config:
        """A fresh dictionary each time: changing it changes nothing here."""
        config: Config = msgspec.json.decode(self.config_json)
        return config

    def set_config(self, config: Config) -> None:
        self.config_json = msgspec.Raw(msgspec.json.encode(config))

    @property
    def gone(self) -> bool:
        return self.state == "destroyed"

    def active_lease(self) -> Lease | None:
        lease = self.lease
        return lease if lease is not None and lease.expires_at * 1000 > now_ms() else None


class Volume(msgspec.Struct, kw_only=True):
    id: str
    app_name: str
    name: str
    state: str
    size_gb: int
    region: str
    zone: str
    created_ms: int
    updated_ms: int
    encrypted: bool = True
    machine_id: str | None = None
    fstype: str = "ext4"
    snapshot_retention: int = 5
    auto_backup_enabled: bool = True
    mounted: bool = False  # ever; Fly knows no sizes before
    deleted_ms: int | None = None
    # What it is being filled from; neither once it is filled.
    from_snapshot: str | None = None
    from_volume: str | None = None


class Snapshot(msgspec.Struct, kw_only=True):
    id: str
    app_name: str
    volume_id: str
    status: str
    size: int
    volume_size: int
    digest: str
    created_ms: int
    retention_days: int
    automatic: bool = False  # one of Fly's daily ones
