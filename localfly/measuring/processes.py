"""What the processes of a machine use, from /proc; nothing on systems without it."""

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_SOCKET = "socket:["


@dataclass
class Usage:
    """Of a whole session: the machine's main process and what it started."""

    user: float = 0.0  # centiseconds, as is `system`; with those of the children that ended
    system: float = 0.0
    memory: int = 0  # resident bytes; pages that processes share count for each
    runnable: int = 0


def usages(sessions: Collection[int]) -> dict[int, Usage]:
    """By the session's id; a session without processes is missing."""
    found: dict[int, Usage] = {}
    ticks, page = os.sysconf("SC_CLK_TCK") / 100, os.sysconf("SC_PAGE_SIZE")
    for _, session, fields in _processes(sessions):
        usage = found.setdefault(session, Usage())
        user, system, child_user, child_system = map(int, fields[11:15])
        usage.user += (user + child_user) / ticks
        usage.system += (system + child_system) / ticks
        usage.memory += int(fields[21]) * page
        usage.runnable += fields[0] in ("R", "D")
    return found


def socket_inodes(sessions: Collection[int]) -> dict[int, int]:
    """Which session holds which socket, by the socket's inode."""
    found: dict[int, int] = {}
    for process, session, _ in _processes(sessions):
        with suppress(OSError):
            for descriptor in os.scandir(process / "fd"):
                with suppress(OSError):
                    target = os.readlink(descriptor.path)  # noqa: PTH115 - many, and often
                    if target.startswith(_SOCKET):
                        found[int(target[len(_SOCKET) : -1])] = session
    return found


def _processes(sessions: Collection[int]) -> Iterator[tuple[Path, int, list[str]]]:
    """Folder, session, and the fields of `stat` from the state on (field 3 of its manual)."""
    for process in _PROC.glob("[0-9]*"):
        with suppress(OSError):  # it may end while we look
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            session = int(fields[3])
            if session in sessions:
                yield process, session, fields
