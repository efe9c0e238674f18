"""What is in a folder, found out without any code of Local Fly's."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Any


def walk(folder: Path) -> dict[str, tuple[Any, ...]]:
    """By path: kind, mode, time, and the hash of a file or the target of a link."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        status = path.lstat()
        mode = status.st_mode
        found[str(path.relative_to(folder))] = (
            stat.S_IFMT(mode),
            stat.S_IMODE(mode),
            status.st_mtime_ns,
            _content(path, mode),
        )
    return found


def _content(path: Path, mode: int) -> str | None:
    if stat.S_ISLNK(mode):
        return str(path.readlink())
    if not stat.S_ISREG(mode):
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def odd_tree(folder: Path) -> None:
    """Names in many scripts, links of both kinds, holes, modes and times that nobody guesses."""
    folder.mkdir(exist_ok=True)
    for name in ("plain.txt", "日本語.txt", "с пробелом", "café", "🚀", "a\nb", "-rf", "'\"$`"):
        (folder / name).write_text(f"in {name}")
    (folder / os.fsdecode(b"not-\xff-utf8")).write_bytes(bytes(range(256)))
    deep = folder / "deep" / "er" / "still"
    deep.mkdir(parents=True)
    for number in range(50):
        (deep / f"{number}.bin").write_bytes(os.urandom(number * 97))
    (folder / "empty").mkdir(mode=0o700)
    (folder / "nothing").touch()
    (folder / "script.sh").write_text("#!/bin/sh\n")
    (folder / "script.sh").chmod(0o4755)
    (folder / "closed").write_text("closed")
    (folder / "closed").chmod(0)
    (folder / "link").symlink_to("deep/er")
    (folder / "dangling").symlink_to("/no/such/place")
    os.link(folder / "plain.txt", folder / "twin.txt")
    os.mkfifo(folder / "pipe")
    with (folder / "sparse").open("wb") as file:
        file.seek(64 * 1024**2)
        file.write(b"end")
        file.truncate(128 * 1024**2)
    os.utime(folder / "nothing", ns=(1, 981_173_106_123_456_789))
    os.utime(folder / "link", ns=(1, 881_173_106_000_000_001), follow_symlinks=False)
    os.utime(deep, ns=(1, 781_173_106_000_000_009))
    os.utime(folder, ns=(1, 681_173_106_000_000_009))
