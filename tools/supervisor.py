"""Runs processes side by side: prefixed output, restart after a crash, no orphans."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_COLOURS = {"console": 36, "worker": 33, "localfly": 35, "router": 32}
_LONGEST_STOP_SECONDS = 9.0
_RESTART_AFTER_SECONDS = 1.0


@dataclass
class Child:
    """One process, in a process group of its own so that its children end with it."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    process: subprocess.Popen[str] | None = field(default=None, init=False)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 (our own commands)
            self.command,
            env={**os.environ, **self.env, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._print, args=(self.process,), daemon=True).start()

    def stop(self, number: int) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def _print(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            say(self.name, line.rstrip())


class Supervisor:
    """Start what is given, keep it running until told to stop, stop all of it."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stopping.set())

    def start(self, child: Child) -> None:
        child.start()
        self._children.append(child)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def watch(self) -> None:
        """Until a signal: whatever ends is started again."""
        while not self._stopping.wait(0.2):
            for child in self._children:
                if child.process is not None and child.process.poll() is not None:
                    say(child.name, f"ended with {child.process.returncode}; starting it again")
                    self._stopping.wait(_RESTART_AFTER_SECONDS)
                    child.stop(signal.SIGKILL)  # what it left of its group
                    if not self.stopping:
                        child.start()

    def stop(self) -> None:
        """SIGTERM to all, newest first; SIGKILL for what is still there after nine seconds."""
        for child in reversed(self._children):
            child.stop(signal.SIGTERM)
        deadline = time.monotonic() + _LONGEST_STOP_SECONDS
        for child in self._children:
            if child.process is not None:
                try:
                    child.process.wait(max(deadline - time.monotonic(), 0))
                except subprocess.TimeoutExpired:
                    say(child.name, "did not end in time; killed")
                child.stop(signal.SIGKILL)


def say(name: str, line: str) -> None:
    tag = f"{name:8}"
    if sys.stdout.isatty():
        tag = f"\x1b[{_COLOURS.get(name, 0)}m{tag}\x1b[0m"
    print(f"{tag} | {line}", flush=True)
