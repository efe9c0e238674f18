"""Everything below a folder, in one fixed order that two walks of one tree share.

A folder comes before what is in it; siblings come in the order of their bytes. Only the names of
the folders on the way down are held in memory.
"""

import os
from collections.abc import Iterator

Key = tuple[bytes, ...]


def key_of(path: bytes) -> Key:
    """Walks are ordered by it; the root is the empty path."""
    return tuple(path.split(b"/")) if path else ()


def walk(root: bytes) -> Iterator[tuple[bytes, os.stat_result]]:
    """Paths relative to the root, never following a link."""
    yield b"", os.lstat(root)
    levels = [iter(sorted(os.listdir(root)))]
    names: list[bytes] = []
    while levels:
        name = next(levels[-1], None)
        if name is None:
            levels.pop()
            if names:
                names.pop()
            continue
        path = b"/".join([*names, name])
        full = root + b"/" + path
        found = os.lstat(full)
        yield path, found
        if _is_folder(found):
            names.append(name)
            levels.append(iter(sorted(os.listdir(full))))


def _is_folder(found: os.stat_result) -> bool:
    return (found.st_mode & 0o170000) == 0o040000
