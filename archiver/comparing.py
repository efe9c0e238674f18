"""Is what stands on the volume what the archive holds? Every path, every byte, nothing besides."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

from archiver.entries import BLOCK, CHAR, FILE, HARD, SOCKET, Entry, describe, text
from archiver.errors import Differs
from archiver.hardlinks import HardLinks
from archiver.selection import Wish
from archiver.standing import LOST_AND_FOUND
from archiver.walk import key_of, walk

_FIELDS = {
    "kind": "is of another kind",
    "target": "leads elsewhere",
    "mode": "has another mode",
    "uid": "has another owner",
    "gid": "has another group",
    "size": "has another size",
    "device": "is another device",
    "mtime": "has another time",
}
_BLOCK = 256 * 1024
_OF_ROOT = ("uid", "gid")
_ALWAYS_THERE = (b"", LOST_AND_FOUND)


def compare(entries: Iterable[Entry], root: bytes, wish: Wish) -> int:
    """How many paths are as they should be: all; raises Differs at the first that is not.

    The volume and the manifest are read alongside, for both have the same order.
    """
    fields = {name: told for name, told in _FIELDS.items() if _is_root() or name not in _OF_ROOT}
    expected, count = _kept(entries), 0
    with HardLinks() as links:
        awaited = next(expected, None)
        for path, found in walk(root):
            if awaited is not None and awaited.path == path:
                _compare(awaited, root, found, links.first(path, found), fields)
                awaited, count = next(expected, None), count + 1
            elif awaited is not None and key_of(awaited.path) < key_of(path):
                break
            elif wish.wants(path) and path not in _ALWAYS_THERE:
                raise Differs(f"{text(path)!a} is not in the archive.")
        if awaited is not None:
            raise Differs(f"{text(awaited.path)!a} is missing.")
    return count


def _kept(entries: Iterable[Entry]) -> Iterator[Entry]:
    """What unpacking makes: no sockets, and devices only as root."""
    left_out = {SOCKET} if _is_root() else {SOCKET, CHAR, BLOCK}
    return (entry for entry in entries if entry.kind not in left_out)


def _compare(
    entry: Entry, root: bytes, found: os.stat_result, first: bytes | None, fields: dict[str, str]
) -> None:
    full = root + b"/" + entry.path
    here = describe(entry.path, full, found)
    if first is not None:
        here = replace(here, kind=HARD, target=first, size=0)
    for name, told in fields.items():
        if getattr(here, name) != getattr(entry, name):
            raise Differs(f"{text(entry.path)!a} {told}.")
    if entry.kind == FILE and _sha256(full) != entry.sha256:
        raise Differs(f"{text(entry.path)!a} has another content.")


def _sha256(full: bytes) -> str:
    digest, number = hashlib.sha256(), os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        while block := os.read(number, _BLOCK):
            digest.update(block)
    finally:
        os.close(number)
    return digest.hexdigest()


def _is_root() -> bool:
    return os.geteuid() == 0
