"""What a machine's process is started with, and the command line that does it."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

_VIEW = str(Path(__file__).with_name("view.py"))


@dataclass(frozen=True)
class Boot:
    """What a machine needs to run; no target means no private view of the mount."""

    command: list[str]
    env: dict[str, str]
    log: Path
    scratch: Path
    source: Path | None = None
    target: str | None = None

    def argv(self, command: list[str]) -> list[str]:
        """The given command, in the machine's view of the file system."""
        source, target = str(self.source or "-"), self.target or "-"
        launcher = [sys.executable, "-I", "-S", _VIEW, str(os.getpid()), str(self.scratch)]
        return [*launcher, source, target, *command]
