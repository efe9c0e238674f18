"""What a machine boots with: its command, its environment, its mount."""

import os
import sys
from pathlib import Path

from localfly.config import memory_mb, mount_path, volume_of
from localfly.images import Images
from localfly.launcher import Boot
from localfly.mounts import Disks
from localfly.orphans import MARKER
from localfly.state import Config, Machine
from localfly.world import World


def plan_boot(machine: Machine, world: World, images: Images, disks: Disks, state: Path) -> Boot:
    """Secrets and volume are taken as they are now; a resumed machine never comes here."""
    config = machine.config
    source, target = None, None
    path, volume_id = mount_path(config), volume_of(config)
    shown = path or ""
    if path and volume_id:
        source = disks.volume(volume_id).resolve()
        if disks.private_views:
            target = path.rstrip("/")
        else:
            shown = str(source)
    env = _environment(machine, config, world)
    env.setdefault("HOME", shown or "/tmp")  # noqa: S108 - the host's own home is none of theirs
    env.update({"LOCALFLY_MOUNT": shown, MARKER: str(state)})
    return Boot(
        images.command_for(config),
        env,
        disks.logs / f"{machine.id}.log",
        disks.scratch,
        source,
        target,
    )


def _environment(machine: Machine, config: Config, world: World) -> dict[str, str]:
    app = world.apps.get(machine.app_name)
    secrets = {name: secret.value for name, secret in app.secrets.items()} if app else {}
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
