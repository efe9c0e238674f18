"""The machine config: the whole of it as Fly gave it, with names for the keys we read."""

from typing import Any, Literal

import msgspec

from jarvis_admin.fly.types.record import Record


class Guest(Record, frozen=True):
    """The size of a machine. The defaults are Fly's own: one shared vCPU with 256 MB."""

    cpu_kind: str = "shared"
    cpus: int = 1
    memory_mb: int = 256


class Mount(Record, frozen=True):
    volume: str = ""
    path: str = ""
    name: str = ""


class MachineConfig(dict[str, Any]):
    """The raw config. An update replaces all of it, so keys we do not know are kept here too.

    Its repr names the image only: `env` and `files` have no place in a log.
    """

    @property
    def image(self) -> str:
        return str(self.get("image") or "")

    @property
    def guest(self) -> Guest:
        return msgspec.convert(self.get("guest") or {}, Guest)

    @property
    def mounts(self) -> tuple[Mount, ...]:
        return msgspec.convert(self.get("mounts") or (), tuple[Mount, ...])

    @property
    def volume(self) -> str | None:
        """Id of the one volume a machine may have; a migration changes it without a word."""
        return self.mounts[0].volume or None if self.mounts else None

    @property
    def metadata(self) -> dict[str, str]:
        return dict(self.get("metadata") or {})

    @property
    def autostop(self) -> Literal["off", "stop", "suspend"]:
        """Of the first service. Written as a word, read back as false, true or "suspend"."""
        services = self.get("services") or [{}]
        match services[0].get("autostop"):
            case "suspend":
                return "suspend"
            case True | "stop":
                return "stop"
            case _:
                return "off"

    def __repr__(self) -> str:
        return f"<MachineConfig {self.image}>"
