"""An app and what hangs on it besides machines and volumes: secrets and addresses."""

from datetime import datetime

import msgspec

from jarvis_admin.fly.types.record import Record


class Organization(Record, frozen=True):
    slug: str = ""
    name: str = ""


class App(Record, frozen=True):
    """`status` is pending before the first machine; rows of a list leave it and the org out."""

    id: str
    name: str
    network: str = ""
    status: str = ""
    machine_count: int = 0
    volume_count: int = 0
    organization: Organization = Organization()


class Secret(Record, frozen=True):
    """A secret without its value, which we never ask for."""

    name: str
    digest: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Network(Record, frozen=True):
    name: str = ""
    org_slug: str = ""


class IpAssignment(Record, frozen=True):
    """An address of an app. The answer to a create leaves `kind` out."""

    ip: str = ""
    kind: str = msgspec.field(name="type", default="")
    region: str = ""
    shared: bool = False
    egress: bool = False
    created_at: datetime | None = None
    network: Network | None = None
