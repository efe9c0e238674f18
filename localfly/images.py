"""Which command stands for which image."""

import shlex
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from localfly.errors import ApiError
from localfly.state import Config

Command = list[str]

# Run by its path and isolated, so that it starts without importing the package.
DEFAULT_GUEST: Command = [sys.executable, "-I", str(Path(__file__).with_name("guest.py"))]


class Image(msgspec.Struct, frozen=True):
    """As an image itself says it: `init.cmd` of a machine replaces only the command."""

    cmd: Command = []
    entrypoint: Command = []


Described = str | Command | Image


@dataclass(frozen=True)
class Images:
    """Image references, or prefixes of them, and what they run; the longest match wins."""

    known: dict[str, Image]
    strict: bool = False

    def learn(self, table: Mapping[str, Described]) -> None:
        self.known.update({reference: _image(found) for reference, found in table.items()})

    def image(self, reference: str) -> Image:
        matches = [prefix for prefix in self.known if reference.startswith(prefix)]
        if matches:
            return self.known[max(matches, key=len)]
        if self.strict:
            raise ApiError(
                400, f"failed to get manifest {reference}: MANIFEST_UNKNOWN: manifest unknown"
            )
        return Image(DEFAULT_GUEST)

    def command_for(self, config: Config) -> Command:
        """The image's command, unless `init` says otherwise."""
        init = config.get("init") or {}
        if init.get("exec"):
            return list(init["exec"])
        entrypoint, cmd = init.get("entrypoint"), init.get("cmd")
        if entrypoint:
            return [*entrypoint, *(cmd or [])]
        image = self.image(config["image"])
        return [*image.entrypoint, *(cmd or image.cmd)]


def read_images(path: Path | None, *, strict: bool) -> Images:
    """A TOML file with one table `[images]`.

    reference = "command line", or ["command", "line"], or {entrypoint = [...], cmd = [...]}.
    """
    images = Images({}, strict)
    if path is not None:
        table = tomllib.loads(path.read_text())["images"]
        images.learn(msgspec.convert(table, dict[str, Described]))
    return images


def _image(described: Described) -> Image:
    if isinstance(described, Image):
        return described
    return Image(shlex.split(described) if isinstance(described, str) else list(described))


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
