"""The short-lived machine that copies a volume into the object store: its config and its end."""

from typing import Any

from jarvis_admin.domain.guest import Mark

MOUNT_PATH = "/volume"
ARCHIVE_MARK = "jarvis_archive"  # metadata: which archive the machine works for
CPUS, MEMORY_MB = 2, 512

_VOLUME_PREFIX = "ar_"
_MACHINE_PREFIX = "archiver-"
_RETRIES = 2  # a killed archiver begins anew, in the same machine and over the same objects

BASE_DAMAGED = 65

_ENDINGS = {
    64: "The archiver could not read its ticket.",
    BASE_DAMAGED: "The manifest of the archive before is damaged or has another key.",
    66: "A file of the volume could not be read.",
    69: "The object store could not be reached from the archiver's machine.",
    70: "The archiver failed; its machine's log says why.",
    73: "The archiver's machine ran out of disk.",
    77: "The object store refused what the archiver sent.",
    127: "The guest image has no Python, so the archiver cannot run in it.",
}


def volume_name(archive_id: str) -> str:
    """Volumes have no metadata at Fly: the name is how one is found again."""
    return f"{_VOLUME_PREFIX}{archive_id}"


def is_archive_volume(name: str) -> bool:
    return name.startswith(_VOLUME_PREFIX)


def machine_name(archive_id: str) -> str:
    return f"{_MACHINE_PREFIX}{archive_id}"


def is_archiver(name: str) -> bool:
    """A machine in a user's app that is not theirs: its states are none of their story."""
    return name.startswith(_MACHINE_PREFIX)


def machine_config(
    *, image: str, volume_id: str, archive_id: str, ticket: str, mark: Mark
) -> dict[str, Any]:
    """No services, so nothing reaches it and nothing wakes it; it is gone when it is done."""
    return {
        "image": image,
        "init": {"exec": ["python3", "-m", "archiver"]},
        "env": {"JARVIS_ARCHIVE": ticket},
        "guest": {"cpu_kind": "shared", "cpus": CPUS, "memory_mb": MEMORY_MB},
        "mounts": [{"volume": volume_id, "path": MOUNT_PATH, "name": volume_name(archive_id)}],
        "metadata": {**mark.metadata(), ARCHIVE_MARK: archive_id},
        "services": [],
        "auto_destroy": True,
        "restart": {"policy": "on-failure", "max_retries": _RETRIES},
        "stop_config": {"signal": "SIGTERM", "timeout": "5s"},
    }


def ending(exit_code: int, out_of_memory: bool) -> str:
    """Why it ended, for a person; only its exit code comes through to us."""
    if out_of_memory:
        return "The archiver's machine ran out of memory."
    return _ENDINGS.get(exit_code, f"The archiver ended with code {exit_code}.")
