"""Whole folders: copied, and measured."""

import shutil
import stat
from contextlib import suppress
from pathlib import Path


def copy_tree(source: Path, target: Path) -> None:
    """A real copy with times and modes; a file that vanishes meanwhile is left out."""
    try:
        shutil.copytree(source, target, symlinks=True, ignore=_special, dirs_exist_ok=True)
    except shutil.Error as error:
        if any(Path(failed).exists() for failed, _, _ in error.args[0]):
            raise


def _special(folder: str, names: list[str]) -> set[str]:
    """Sockets and pipes: a copy of them would mean nothing, and reading them blocks."""
    paths = [Path(folder, name) for name in names]
    return {path.name for path in paths if path.is_socket() or path.is_fifo()}


def used_bytes(folder: Path) -> int:
    return sum(size for size, _ in _files(folder).values())


def changed_bytes(folder: Path, before: Path | None) -> int:
    """The size of the files that are new or different since an earlier copy."""
    old = _files(before) if before is not None else {}
    return sum(stamp[0] for name, stamp in _files(folder).items() if old.get(name) != stamp)


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every regular file, by its path inside the folder."""
    found = {}
    for path in folder.rglob("*"):
        # A running machine may remove a file while we look.
        with suppress(FileNotFoundError):
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                found[str(path.relative_to(folder))] = (status.st_size, status.st_mtime_ns)
    return found
