"""Trees with everything a user's disk may hold, and an independent look at them."""

import hashlib
import os
import random
import stat
from pathlib import Path

NAMES = (
    "plain.txt",
    "with space and 'quotes\".md",
    "naïve-ünïcödé.txt",
    "日本語のファイル.txt",
    "Русский файл",
    "العربية",
    "ไทย",
    "हिन्दी.py",
    "עברית",
    "emoji-🦊-👩‍💻",
    "new\nline",
    "tab\there",
    "-rf",
    "back\\slash",
    "combining-é",
    "x" * 255,
)


def build(root: Path, seed: int = 1) -> None:
    """Every script's names, links of both kinds, holes, modes, times, empty and large files."""
    rng = random.Random(seed)
    root.mkdir(exist_ok=True)
    for number, name in enumerate(NAMES):
        (root / name).write_bytes(rng.randbytes(number * 997))
    Path(os.fsdecode(os.fsencode(root) + b"/not-utf8-\xff\xfe")).write_bytes(b"odd")
    deep = root / "deep" / "er" / ("and" * 40) / "deepest"
    deep.mkdir(parents=True)
    (deep / "leaf").write_bytes(rng.randbytes(70_000))
    (root / "empty folder").mkdir()
    (root / "empty").touch()
    (root / "a").mkdir()
    (root / "a" / "inside").write_text("a/inside")
    (root / "a.b").write_text("sorts between a and its content, bytewise")
    (root / "large").write_bytes(rng.randbytes(3_000_000) + bytes(2_000_000))
    (root / "hard link").hardlink_to(root / "large")
    (root / "soft").symlink_to("large")
    (root / "dangling").symlink_to("no/such/" + "target" * 30)
    (root / "absolute").symlink_to("/etc/passwd")
    (root / "loop").symlink_to(".")
    os.mkfifo(root / "pipe")
    make_sparse(root / "sparse", 64 << 20, {5 << 20: rng.randbytes(9000), 40 << 20: b"x" * 4096})
    make_sparse(root / "all hole", 8 << 20, {})
    (root / "script.sh").write_text("#!/bin/sh\n")
    (root / "script.sh").chmod(0o4755)
    (root / "secret").write_text("s")
    (root / "secret").chmod(0o400)
    (root / "closed").mkdir(mode=0o700)
    (root / "closed" / "f").touch()
    (root / "closed").chmod(0o1711)
    os.utime(root / "plain.txt", ns=(1, 1_234_567_890_123_456_789))
    os.utime(root / "empty folder", ns=(1, 987_654_321_000_000_001))
    os.utime(root / "soft", ns=(1, 555_555_555_123_000_000), follow_symlinks=False)
    os.utime(root, ns=(1, 1_000_000_000_000_000_001))


def make_sparse(path: Path, size: int, islands: dict[int, bytes]) -> None:
    with path.open("wb") as file:
        file.truncate(size)
        for offset, content in islands.items():
            file.seek(offset)
            file.write(content)


def look(root: Path) -> dict[bytes, tuple[object, ...]]:
    """Kind, mode, owner, time, content's hash or target, and number of names, by path."""
    seen = {b".": _one(os.fsencode(root))}
    for folder, folders, files in os.walk(os.fsencode(root)):
        for name in (*folders, *files):
            full = os.path.join(folder, name)
            seen[os.path.relpath(full, os.fsencode(root))] = _one(full)
    return seen


def _one(full: bytes) -> tuple[object, ...]:
    found = os.lstat(full)
    known = (found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns)
    if stat.S_ISLNK(found.st_mode):
        return (*known, os.readlink(full))
    if stat.S_ISREG(found.st_mode):
        with open(full, "rb") as file:
            return (*known, found.st_nlink, hashlib.file_digest(file, "sha256").hexdigest())
    return known
