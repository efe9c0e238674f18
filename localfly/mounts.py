"""Where volumes and snapshots lie, and whether machines can see them at their own path."""

import os
import shutil
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from localfly.process import Boot


class Disks:
    """The folders below the state directory."""

    def __init__(self, state: Path) -> None:
        self._volumes = state / "volumes"
        self._snapshots = state / "snapshots"
        self.logs = state / "logs"
        self.scratch = state / "view"
        for folder in (self._volumes, self._snapshots, self.logs, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)
        self.private_views = _probe(self.scratch)

    def volume(self, volume_id: str) -> Path:
        """The volume's folder, made when it is first asked for."""
        folder = self._volumes / volume_id
        folder.mkdir(exist_ok=True)
        return folder

    def volume_bytes(self, volume_id: str) -> int:
        return used_bytes(self._volumes / volume_id)

    def snapshot(self, snapshot_id: str) -> Path:
        return self._snapshots / snapshot_id

    def remove_volume(self, volume_id: str) -> None:
        shutil.rmtree(self._volumes / volume_id, ignore_errors=True)

    def remove_snapshot(self, snapshot_id: str) -> None:
        shutil.rmtree(self._snapshots / snapshot_id, ignore_errors=True)


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


def _probe(scratch: Path) -> bool:
    """Whether this system lets us build private views."""
    if sys.platform != "linux":
        return False
    boot = Boot([], {}, scratch, scratch, source=scratch, target="/localfly-probe/inner")
    probe = subprocess.run(boot.argv(["true"]), capture_output=True, check=False, cwd=os.sep)
    return probe.returncode == 0
