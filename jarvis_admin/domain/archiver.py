"""The short-lived machines that copy a volume into the object store, or an archive onto a volume:
their config and their end."""

from typing import Any

from jarvis_admin.domain.guest import Mark

MOUNT_PATH = "/volume"
ARCHIVE_MARK = "jarvis_archive"  # metadata: which archive the machine works for
RESTORE_MARK = "jarvis_restore"  # metadata: which restore it works for
CPUS, MEMORY_MB = 2, 512

_VOLUME_PREFIX = "ar_"
_MACHINE_PREFIX = "archiver-"
_RETRIES = 2  # a killed archiver begins anew, in the same machine and over the same objects

BASE_DAMAGED = 65
# Ends of a restore that speak against the archive, and not against Fly, the store or the volume.
ARCHIVES_FAULT = frozenset({65, 67})

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
_RESTORE_ENDINGS = {
    64: "The restoring machine could not read its ticket.",
    65: "The archive is damaged, cut off, or has another key; nothing was replaced by it.",
    66: "The new volume could not be read or written.",
    67: "What was unpacked is not what the archive holds.",
    68: "The volume was not empty, so nothing was unpacked onto it.",
    69: "The object store could not be reached from the restoring machine.",
    70: "The restore failed; its machine's log says why.",
    73: "The archive does not fit onto the volume: it needs a larger one.",
    77: "The object store refused what the restore needs, or no longer has it.",
    127: "The guest image has no Python, so nothing can be restored with it.",
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


def restorer_name(key: str) -> str:
    return f"{_MACHINE_PREFIX}restore-{key}"


def machine_config(
    *, image: str, volume_id: str, archive_id: str, ticket: str, mark: Mark
) -> dict[str, Any]:
    return {
        **_config(image, volume_id, volume_name(archive_id)),
        "init": {"exec": ["python3", "-m", "archiver"]},
        "env": {"JARVIS_ARCHIVE": ticket},
        "metadata": {**mark.metadata(), ARCHIVE_MARK: archive_id},
    }


def restorer_config(
    *, image: str, volume_id: str, volume_name: str, key: str, ticket: str, mark: Mark
) -> dict[str, Any]:
    """`key` names the restore, as in its machine's name and in the store."""
    return {
        **_config(image, volume_id, volume_name),
        "init": {"exec": ["python3", "-m", "archiver", "restore"]},
        "env": {"JARVIS_RESTORE": ticket},
        "metadata": {**mark.metadata(), RESTORE_MARK: key},
    }


def _config(image: str, volume_id: str, volume: str) -> dict[str, Any]:
    """No services, so nothing reaches it and nothing wakes it; it is gone when it is done."""
    return {
        "image": image,
        "guest": {"cpu_kind": "shared", "cpus": CPUS, "memory_mb": MEMORY_MB},
        "mounts": [{"volume": volume_id, "path": MOUNT_PATH, "name": volume}],
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


def restore_ending(exit_code: int, out_of_memory: bool) -> str:
    if out_of_memory:
        return "The restoring machine ran out of memory."
    return _RESTORE_ENDINGS.get(exit_code, f"The restore ended with code {exit_code}.")
