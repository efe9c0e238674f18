"""Files that a config puts into its machine at every boot."""

import base64
import binascii
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from localfly.errors import bad_request
from localfly.state import Config

_MODE = 0o644

Shown = list[tuple[Path, str]]


def check_files(config: Config) -> None:
    """Refuses what could not be written."""
    for file in config.get("files") or []:
        path = PurePosixPath(str(file.get("guest_path") or ""))
        if not path.is_absolute() or ".." in path.parts or len(path.parts) < 2:
            raise bad_request("files.guest_path must be an absolute path")
        if file.get("raw_value") is not None:
            _decoded(file["raw_value"])
        elif not file.get("secret_name") and not file.get("image_config"):
            raise bad_request(f"file {path} needs one of raw_value and secret_name")


def write_files(
    config: Config, secrets: dict[str, str], folder: Path, mount: tuple[str, Path] | None
) -> Shown:
    """Written anew into the folder; returns each with the path at which it is to be seen.

    What belongs below the mount is written there instead, and stays.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shown: Shown = []
    for file in config.get("files") or []:
        content = _content(file, secrets)
        if content is None:
            continue
        guest_path = str(PurePosixPath(file["guest_path"]))
        below = mount is not None and guest_path.startswith(mount[0] + "/")
        if mount is not None and below:
            path = mount[1] / guest_path.removeprefix(mount[0] + "/")
        else:
            path = folder / guest_path.removeprefix("/")
            shown.append((path, guest_path))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(file.get("mode") or _MODE)
    return shown


def _content(file: dict[str, Any], secrets: dict[str, str]) -> bytes | None:
    """None for what only a real image could tell, and for a secret that is not set."""
    if file.get("raw_value") is not None:
        return _decoded(file["raw_value"])
    secret = secrets.get(str(file.get("secret_name") or ""))
    return None if secret is None else _decoded(secret)


def _decoded(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error:
        raise bad_request("the content of a file must be base64") from None
