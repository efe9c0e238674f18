"""Everything below a folder, in one fixed order that two walks of one tree share.

A folder comes before what is in it; siblings come in the order of their bytes. Only the names of
the folders on the way down are held in memory.
"""

import os
import stat
from collections.abc import Iterator

Key = tuple[bytes, ...]


def key_of(path: bytes) -> Key:
    """Walks are ordered by it; the root is the empty path."""
    return tuple(path.split(b"/")) if path else ()


def walk(root: bytes) -> Iterator[tuple[bytes, os.stat_result]]:
    """Paths relative to the root, never following a link."""
    yield b"", os.lstat(root)
    levels = [(b"", iter(sorted(os.listdir(root))))]
    base = root + b"/"
    while levels:
        above, names = levels[-1]
        for name in names:
            path = above + name
            found = os.lstat(base + path)
            yield path, found
            if stat.S_ISDIR(found.st_mode):
                levels.append((path + b"/", iter(sorted(os.listdir(base + path)))))
                break
        else:
            levels.pop()
