"""Machine processes that outlived a Local Fly which was killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MARKER = "LOCALFLY_STATE"  # in the environment of every process of every machine


def reap(state: Path) -> int:
    """Kill what an earlier Local Fly on the same state directory left; returns how many."""
    marker = f"{MARKER}={state}"
    found = _marked_linux(marker) if sys.platform == "linux" else _marked_elsewhere(marker)
    killed = 0
    for pid in found:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


def _marked_linux(marker: str) -> Iterator[int]:
    wanted = marker.encode()
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in environ.read_bytes().split(b"\0"):
                yield int(environ.parent.name)


def _marked_elsewhere(marker: str) -> Iterator[int]:
    listing = subprocess.run(
        ["ps", "-axEww", "-o", "pid=,command="], capture_output=True, text=True, check=False
    )
    for line in listing.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        if marker in command.split(" ") and int(pid) != os.getpid():
            yield int(pid)
