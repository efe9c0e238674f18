"""Which command stands for which image."""

import shlex
import sys
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from localfly.errors import ApiError
from localfly.state import Config

Command = list[str]

# Run by its path and isolated, so that it starts without importing the package.
DEFAULT_GUEST: Command = [sys.executable, "-I", str(Path(__file__).with_name("guest.py"))]


@dataclass(frozen=True)
class Images:
    """Image references, or prefixes of them, and their commands; the longest match wins."""

    commands: dict[str, Command]
    strict: bool = False

    def command(self, image: str) -> Command:
        matches = [prefix for prefix in self.commands if image.startswith(prefix)]
        if matches:
            return self.commands[max(matches, key=len)]
        if self.strict:
            raise ApiError(
                400, f"failed to get manifest {image}: MANIFEST_UNKNOWN: manifest unknown"
            )
        return DEFAULT_GUEST

    def command_for(self, config: Config) -> Command:
        """The image's command, unless `init` says otherwise."""
        init = config.get("init") or {}
        own = init.get("exec") or [*(init.get("entrypoint") or []), *(init.get("cmd") or [])]
        return list(own) or self.command(config["image"])


def read_images(path: Path | None, *, strict: bool) -> Images:
    """A TOML file with one table `[images]`: reference = "command line" or ["command", "line"]."""
    if path is None:
        return Images({}, strict)
    table = tomllib.loads(path.read_text())["images"]
    commands = {
        reference: shlex.split(command) if isinstance(command, str) else list(command)
        for reference, command in table.items()
    }
    return Images(commands, strict)


def image_ref(image: str) -> dict[str, Any]:
    """Fly's `image_ref`; a tag gets a made-up digest that is always the same."""
    name, _, digest = image.partition("@")
    registry, slash, repository = name.partition("/")
    if not slash or ("." not in registry and ":" not in registry):
        registry = "docker-hub-mirror.fly.io"
        repository = name if "/" in name else f"library/{name}"
    repository, _, tag = repository.partition(":")
    ref: dict[str, Any] = {"registry": registry, "repository": repository}
    if not digest:
        ref["tag"] = tag or "latest"
        digest = "sha256:" + sha256(image.encode()).hexdigest()
    return {**ref, "digest": digest, "labels": {}}
