"""The Fly machine config of a workspace: image, size, mount, checks, services, marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jarvis_admin.domain.lifecycle import SUSPEND_LIMIT_MB
from jarvis_admin.domain.pricing import Size

MOUNT_PATH = "/workspace"
PORT = 8080
MACHINE_NAME = "workspace"
VOLUME_NAME = "workspace"
DRILL_MARK = "jarvis_drill"  # metadata: which restore drill the machine works for
REPLAY_SECRET = "JARVIS_REPLAY_SECRET"  # noqa: S105 (the name of the variable)


@dataclass(frozen=True)
class Mark:
    """What says that a machine at Fly is ours; nothing without it is ever deleted."""

    fleet: str
    environment: str

    def metadata(self) -> dict[str, str]:
        return {"jarvis_fleet": self.fleet, "jarvis_env": self.environment}

    def owns(self, metadata: Mapping[str, str]) -> bool:
        return self.metadata().items() <= metadata.items()

    @property
    def prefix(self) -> str:
        """What the name of every app of ours begins with."""
        return f"{self.fleet}-{self.environment[:12]}-"

    def app_name(self, handle: str, suffix: str) -> str:
        """Under 63 characters, as Fly demands of app names."""
        return f"{self.prefix}{handle[:36]}-{suffix}"


def machine_config(
    *, image: str, size: Size, volume_id: str, idle_policy: str, handle: str, mark: Mark
) -> dict[str, Any]:
    """Autostart and autostop are always written out: Fly's pages disagree on their defaults.

    Under the *activity* policy the proxy never stops the machine: a long run without an inbound
    connection looks idle to it (platform reference, section g).
    """
    sleeps = "suspend" if size.memory_mb <= SUSPEND_LIMIT_MB else "stop"
    return {
        "image": image,
        "env": {"JARVIS_USER": handle},
        "guest": {"cpu_kind": size.cpu_kind, "cpus": size.cpus, "memory_mb": size.memory_mb},
        "mounts": [{"volume": volume_id, "path": MOUNT_PATH, "name": VOLUME_NAME}],
        "metadata": {**mark.metadata(), "jarvis_user": handle},
        "services": [
            {
                "protocol": "tcp",
                "internal_port": PORT,
                "autostart": True,
                "autostop": sleeps if idle_policy == "proxy" else "off",
                "min_machines_running": 0,
                "ports": [
                    {"port": 80, "handlers": ["http"], "force_https": True},
                    {"port": 443, "handlers": ["tls", "http"]},
                ],
                "checks": [_CHECK],
                "concurrency": {"type": "connections", "soft_limit": 200},
            }
        ],
        "restart": {"policy": "on-failure", "max_retries": 3},
        "stop_config": {"signal": "SIGTERM", "timeout": "10s"},
    }


def drill_config(
    *, image: str, size: Size, volume_id: str, handle: str, drill_id: str, mark: Mark
) -> dict[str, Any]:
    """The user's machine as it would be after a restore, but reachable for nobody: no services,
    so its own check stands alone. JARVIS_DRILL tells the guest to leave the user's programs be:
    a second copy of a bot must not begin to answer."""
    return {
        "image": image,
        "env": {"JARVIS_USER": handle, "JARVIS_DRILL": "1"},
        "guest": {"cpu_kind": size.cpu_kind, "cpus": size.cpus, "memory_mb": size.memory_mb},
        "mounts": [{"volume": volume_id, "path": MOUNT_PATH, "name": VOLUME_NAME}],
        "metadata": {**mark.metadata(), DRILL_MARK: drill_id},
        "services": [],
        "checks": {"health": {**_CHECK, "interval": "2s"}},
        "restart": {"policy": "no"},
    }


_CHECK = {
    "type": "http",
    "port": PORT,
    "method": "GET",
    "path": "/health",
    "interval": "15s",
    "timeout": "2s",
    "grace_period": "20s",
}
