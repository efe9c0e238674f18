"""What a machine boots with: its command, its environment, its mount, its files."""

import os
import sys
from pathlib import Path

from localfly.config import memory_mb, mount_path, volume_of
from localfly.files import write_files
from localfly.images import Images
from localfly.launcher import Boot
from localfly.mounts import Disks
from localfly.orphans import MARKER
from localfly.state import Config, Machine
from localfly.world import World


def plan_boot(machine: Machine, world: World, images: Images, disks: Disks, state: Path) -> Boot:
    """Secrets and volume are taken as they are now; a resumed machine never comes here."""
    config = machine.config
    env = _environment(machine, config, world)
    path, volume_id = mount_path(config), volume_of(config)
    folder = disks.volume(volume_id).resolve() if path and volume_id else None
    mount = (path or "").rstrip("/")
    secrets = _secrets(machine, world)
    files = disks.files(machine.id).resolve()
    shown = write_files(config, secrets, files, (mount, folder) if folder else None)
    seen_at = path or ""
    if folder is not None:
        shown = [(folder, mount), *shown]
        seen_at = seen_at if disks.private_views else str(folder)
    env.setdefault("HOME", seen_at or "/tmp")  # noqa: S108 - the host's own home is none of theirs
    env.update({"LOCALFLY_MOUNT": seen_at, MARKER: str(state)})
    if shown and not disks.private_views:
        env["LOCALFLY_FILES"] = str(files)
    return Boot(
        images.command_for(config),
        env,
        disks.logs / f"{machine.id}.log",
        disks.scratch,
        tuple(shown) if disks.private_views else (),
    )


def _environment(machine: Machine, config: Config, world: World) -> dict[str, str]:
    secrets = _secrets(machine, world)
    metadata = config.get("metadata") or {}
    return {
        # Nothing else of ours: a machine must not see the tokens of its host.
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "LANG": "C.UTF-8",
        **{key: str(value) for key, value in (config.get("env") or {}).items()},
        **secrets,
        "FLY_APP_NAME": machine.app_name,
        "FLY_MACHINE_ID": machine.id,
        "FLY_ALLOC_ID": machine.id,
        "FLY_REGION": machine.region,
        "FLY_PUBLIC_IP": "2605:4c40::1",
        "FLY_IMAGE_REF": config["image"],
        "FLY_MACHINE_VERSION": machine.instance_id,
        "FLY_PRIVATE_IP": machine.private_ip,
        "FLY_PROCESS_GROUP": metadata.get("fly_process_group", "app"),
        "FLY_VM_MEMORY_MB": str(memory_mb(config)),
    }


def _secrets(machine: Machine, world: World) -> dict[str, str]:
    app = world.apps.get(machine.app_name)
    return {name: secret.value for name, secret in app.secrets.items()} if app else {}
