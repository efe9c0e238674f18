"""What a machine's process is started with, and the command line that does it."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

_VIEW = str(Path(__file__).with_name("view.py"))


@dataclass(frozen=True)
class Boot:
    """What a machine needs to run; `shown` are its mount and its files, each at its own path."""

    command: list[str]
    env: dict[str, str]
    log: Path
    scratch: Path
    shown: tuple[tuple[Path, str], ...] = ()

    def argv(self, command: list[str]) -> list[str]:
        """The given command, in the machine's view of the file system."""
        launcher = [sys.executable, "-I", "-S", _VIEW, str(os.getpid()), str(self.scratch)]
        pairs = [str(word) for pair in self.shown for word in pair]
        return [*launcher, str(len(self.shown)), *pairs, *command]
