"""What stands on a volume before it is restored: nothing, a restore that was cut short, or more.

The marker says that everything else on the volume was unpacked by us, and may go.
"""

import os
import stat
from enum import Enum, auto

# Every ext4 volume has one from the beginning; fsck alone puts something into it.
LOST_AND_FOUND = b"lost+found"


class Standing(Enum):
    NOTHING = auto()
    BEGUN = auto()
    ANOTHER = auto()


def marker(root: bytes, archive: str) -> bytes:
    return root + b"/" + os.fsencode(f".jarvis-restoring-{archive}")


def look(root: bytes, archive: str) -> Standing:
    if _is_file(marker(root, archive)):
        return Standing.BEGUN
    names = set(os.listdir(root)) - {LOST_AND_FOUND}
    if names or _is_in_use(root + b"/" + LOST_AND_FOUND):
        return Standing.ANOTHER
    return Standing.NOTHING


def mark(root: bytes, archive: str) -> None:
    os.close(os.open(marker(root, archive), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def clear(root: bytes, archive: str) -> None:
    """All but the marker: cut short, it is cleared again."""
    kept = marker(root, archive)
    for name in os.listdir(root):
        full = root + b"/" + name
        if full == kept:
            continue
        if _is_folder(full):
            _empty(full)
            if name != LOST_AND_FOUND:
                os.rmdir(full)
        else:
            os.unlink(full)


def _empty(folder: bytes) -> None:
    """Neither deep trees nor long folders take memory."""
    way = [folder]
    while way:
        inner = _unlink_up_to_a_folder(way[-1])
        if inner is not None:
            way.append(inner)
        elif len(way) == 1:
            return
        else:
            os.rmdir(way.pop())


def _unlink_up_to_a_folder(folder: bytes) -> bytes | None:
    with os.scandir(folder) as found:
        for one in found:
            if one.is_dir(follow_symlinks=False):
                return one.path
            os.unlink(one.path)
    return None


def _is_in_use(lost_and_found: bytes) -> bool:
    if _is_folder(lost_and_found):
        return bool(os.listdir(lost_and_found))
    return os.path.lexists(lost_and_found)


def _is_folder(full: bytes) -> bool:
    return os.path.isdir(full) and not os.path.islink(full)


def _is_file(full: bytes) -> bool:
    return os.path.lexists(full) and stat.S_ISREG(os.lstat(full).st_mode)
