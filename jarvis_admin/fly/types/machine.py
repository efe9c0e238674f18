"""A machine as its app shows it, and what its verbs answer."""

from datetime import datetime

import msgspec

from jarvis_admin.fly.types.config import Guest, MachineConfig
from jarvis_admin.fly.types.event import Event, Exit
from jarvis_admin.fly.types.record import Record

_ENDED = frozenset(("stopped", "failed", "destroying", "destroyed"))


class ImageRef(Record, frozen=True):
    registry: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=dict)


class Check(Record, frozen=True):
    """Result of a health check; `updated_at` is when its status last changed."""

    name: str
    status: str = ""
    output: str = ""
    updated_at: datetime | None = None


class Machine(Record, frozen=True):
    """`state` is a plain text: Fly adds states. `config` is None while its host is unreachable;
    `incomplete_config` is then a partial rebuild that must never be written back.
    """

    id: str
    state: str
    region: str
    created_at: datetime
    updated_at: datetime
    name: str = ""
    instance_id: str = ""
    private_ip: str = ""
    host_status: str = ""
    nonce: str = ""
    cordoned: bool = False
    image_ref: ImageRef = ImageRef()
    config: MachineConfig | None = None
    incomplete_config: MachineConfig | None = None
    events: tuple[Event, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def reachable(self) -> bool:
        """False when its host is down. A summary row does not tell, and counts as reachable."""
        return self.host_status in ("", "ok")

    @property
    def ended(self) -> bool:
        """Its program is over for good; between a crash and the restart that Fly has told of it
        is stopped, too."""
        if self.state == "stopped" and self.last_exit is not None:
            return not self.last_exit.restarting
        return self.state in _ENDED

    @property
    def last_exit(self) -> Exit | None:
        """How its program ended last; None while it never did, or too many events ago."""
        return next((event.exit for event in self.events if event.exit), None)


class OrgConfig(Record, frozen=True, gc=False):
    image: str = ""
    guest: Guest = Guest()
    metadata: dict[str, str] | None = None


class OrgMachine(Record, frozen=True, gc=False):
    """A row of the org's list: no events, no checks, no host status; no config in a summary."""

    id: str
    app_name: str
    state: str
    region: str
    created_at: datetime
    updated_at: datetime
    name: str = ""
    private_ip: str = ""
    version: str = ""
    deprecated_instance_id: str = msgspec.field(name="instance_id", default="")
    config: OrgConfig | None = None

    @property
    def instance_id(self) -> str:
        """What `Machine` calls by this name; the org's list calls it `version`."""
        return self.version or self.deprecated_instance_id

    @property
    def metadata(self) -> dict[str, str]:
        return (self.config.metadata if self.config else None) or {}


class Started(Record, frozen=True):
    previous_state: str = ""
    migrated: bool = False
    new_host: str = ""


class Reached(Record, frozen=True):
    """A wait that ended well: the state that was reached."""

    state: str = ""
    version: str = ""
    event_id: str = ""


class ExecResult(Record, frozen=True):
    """Of a command that ran. It may well have failed: look at `exit_code`."""

    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    exit_signal: int = 0

    @property
    def ok(self) -> bool:
        return self.exit_code == 0 and self.exit_signal == 0


class Lease(Record, frozen=True):
    """An exclusive lock on a machine; who shows the nonce holds it."""

    nonce: str = ""
    expires_at: datetime | None = None
    owner: str = ""
    description: str = ""
    version: str = ""


class MachineVersion(Record, frozen=True):
    version: str
    user_config: MachineConfig | None = None
