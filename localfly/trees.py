"""Whole folders: copied, and measured."""

import os
import secrets
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

# As a disk would copy it: links, holes, modes, times, odd names and special files alike.
_CP = ["cp", "-a", "--no-target-directory", "--sparse=auto", "--reflink=auto"]
_VANISHED = "No such file or directory"


def copy_tree(source: Path, target: Path) -> None:
    """A real copy in place of what is at the target; a file that vanishes meanwhile is left out.

    The target is whole or as it was, even when we are killed: then a folder `*.part` is left.
    """
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        if _gnu_cp():
            _copy_with_cp(source, part)
        else:
            _copy_portably(source, part)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy_with_cp(source: Path, target: Path) -> None:
    done = subprocess.run(
        [*_as_owner(), *_CP, "--", source, target],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    # The guest goes on writing: what it removes while we look is no failure.
    complaints = [line for line in done.stderr.splitlines() if not line.endswith(_VANISHED)]
    if done.returncode and complaints:
        raise OSError(f"cannot copy {source}: {complaints[0]}")


@cache
def _gnu_cp() -> bool:
    probe = subprocess.run([*_CP, "--help"], capture_output=True, check=False)
    return probe.returncode == 0


@cache
def _as_owner() -> list[str]:
    """Inside a namespace of its own a guest is root, and may have closed files to its owner."""
    if os.geteuid() == 0 or sys.platform != "linux":
        return []
    unshare = ["unshare", "--map-root-user"]
    with suppress(FileNotFoundError):
        if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0:
            return unshare
    return []


def _copy_portably(source: Path, target: Path) -> None:
    """Without pipes and sockets, and with holes filled."""
    try:
        shutil.copytree(source, target, symlinks=True, ignore=_special)
    except shutil.Error as error:
        if any(Path(failed).exists() for failed, _, _ in error.args[0]):
            raise


def _special(folder: str, names: list[str]) -> set[str]:
    """Sockets and pipes: reading them blocks."""
    paths = [Path(folder, name) for name in names]
    return {path.name for path in paths if path.is_socket() or path.is_fifo()}


def used_bytes(folder: Path) -> int:
    """What the files take up: a hole takes nothing."""
    return sum(min(found.st_size, found.st_blocks * 512) for _, found in _files(folder))


def changed_bytes(folder: Path, before: Path | None) -> int:
    """The size of the files that are new or different since an earlier copy."""
    old = {name: _stamp(found) for name, found in _files(before)} if before is not None else {}
    return sum(
        min(found.st_size, found.st_blocks * 512)
        for name, found in _files(folder)
        if old.get(name) != _stamp(found)
    )


def _stamp(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every regular file with what is known of it, by its path inside the folder."""
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        # A running machine may remove a file while we look.
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder / inside) as rows:
            for row in rows:
                name = f"{inside}/{row.name}" if inside else row.name
                if row.is_dir(follow_symlinks=False):
                    waiting.append(name)
                    continue
                with suppress(FileNotFoundError):
                    found = row.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode):
                        yield name, found
