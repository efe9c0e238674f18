"""Where a file has bytes, and where only holes."""

import os
from typing import BinaryIO

Stretches = list[tuple[int, int]]

# Of a file in more pieces its holes are archived as zeros: the list would outgrow its use.
_MOST = 10_000


def may_have_holes(found: os.stat_result) -> bool:
    return found.st_blocks * 512 < found.st_size


def stretches(file: BinaryIO, found: os.stat_result) -> Stretches | None:
    """(offset, length) of what has bytes; None when there is no hole."""
    if not may_have_holes(found):
        return None
    whole: Stretches = []
    at = 0
    while at < found.st_size:
        begin = _seek(file, at, os.SEEK_DATA)
        if begin is None:
            break
        end = _seek(file, begin, os.SEEK_HOLE) or found.st_size
        whole.append((begin, min(end, found.st_size) - begin))
        at = end
        if len(whole) > _MOST:
            return None
    return None if whole == [(0, found.st_size)] else whole


def _seek(file: BinaryIO, at: int, what: int) -> int | None:
    """None: nothing of the kind up to the end."""
    try:
        return os.lseek(file.fileno(), at, what)
    except OSError:
        return None
