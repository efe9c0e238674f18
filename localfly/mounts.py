"""Where volumes, snapshots and injected files lie, and whether machines see them at their path."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from localfly.launcher import Boot
from localfly.trees import used_bytes


class Disks:
    """The folders below the state directory."""

    def __init__(self, state: Path) -> None:
        self._volumes = state / "volumes"
        self._snapshots = state / "snapshots"
        self._files = state / "files"
        self.logs = state / "logs"
        self.scratch = state / "view"
        folders = (self._volumes, self._snapshots, self._files, self.logs, self.scratch)
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            for unfinished in folder.glob("*.part"):  # of a copy when we were killed
                shutil.rmtree(unfinished, ignore_errors=True)
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

    def files(self, machine_id: str) -> Path:
        """What `config.files` puts into the machine; made anew at each boot."""
        return self._files / machine_id

    def remove_volume(self, volume_id: str) -> None:
        shutil.rmtree(self._volumes / volume_id, ignore_errors=True)

    def remove_snapshot(self, snapshot_id: str) -> None:
        shutil.rmtree(self._snapshots / snapshot_id, ignore_errors=True)

    def remove_files(self, machine_id: str) -> None:
        shutil.rmtree(self._files / machine_id, ignore_errors=True)


def _probe(scratch: Path) -> bool:
    """Whether this system lets us build private views."""
    if sys.platform != "linux":
        return False
    boot = Boot([], {}, scratch, scratch, ((scratch, "/localfly-probe/inner"),))
    probe = subprocess.run(boot.argv(["true"]), capture_output=True, check=False, cwd=os.sep)
    return probe.returncode == 0
