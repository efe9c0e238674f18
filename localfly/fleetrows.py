"""The body of an import: rows in nearly the shape in which Fly shows them."""

import msgspec

from localfly.state import Event


class AppRow(msgspec.Struct):
    name: str
    network: str = ""
    id: str = ""


class VolumeRow(msgspec.Struct):
    app_name: str
    id: str = ""
    name: str = "data"
    region: str = "iad"
    size_gb: int = 1
    state: str = "created"
    created_at: str = ""
    snapshot_retention: int = 5
    auto_backup_enabled: bool = True


class MachineRow(msgspec.Struct):
    app_name: str
    id: str
    config: msgspec.Raw
    name: str = ""
    region: str = "iad"
    state: str = "stopped"
    instance_id: str = ""
    private_ip: str = ""
    created_at: str = ""
    updated_at: str = ""
    cordoned: bool = False
    events: list[Event] = []


class Fleet(msgspec.Struct):
    apps: list[AppRow] = []
    volumes: list[VolumeRow] = []
    machines: list[MachineRow] = []
