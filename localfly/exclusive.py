"""One state directory, one Local Fly."""

import fcntl
from pathlib import Path
from typing import IO


class StateInUse(Exception):
    """Another Local Fly runs on this state directory."""


def hold(state: Path) -> IO[str]:
    """Ours until the returned file is closed or the process ends, however it ends."""
    state.mkdir(parents=True, exist_ok=True)
    lock = (state / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StateInUse(f"another Local Fly runs on {state}") from None
    return lock
