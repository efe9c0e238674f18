"""One line of a manifest: what is known of one path."""

import json
import os
import stat
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, NamedTuple

from archiver.errors import Damaged

FOLDER, FILE, LINK, HARD, PIPE, CHAR, BLOCK, SOCKET = (
    "folder",
    "file",
    "link",
    "hard",
    "pipe",
    "char",
    "block",
    "socket",
)
_KINDS = {
    stat.S_IFDIR: FOLDER,
    stat.S_IFREG: FILE,
    stat.S_IFLNK: LINK,
    stat.S_IFIFO: PIPE,
    stat.S_IFCHR: CHAR,
    stat.S_IFBLK: BLOCK,
    stat.S_IFSOCK: SOCKET,
}


class Place(NamedTuple):
    """Where a file's bytes begin: so far into the unpacked pack, and on to the end in `last`."""

    archive: str
    pack: int
    offset: int
    last: int


@dataclass(slots=True)
class Entry:
    """`data` are the stretches (offset, length) of a file with holes; None: it has none.

    Times are nanoseconds; `target` is what a link says, or which path a hard link repeats.
    """

    path: bytes
    kind: str
    mode: int
    uid: int
    gid: int
    mtime: int
    size: int = 0
    target: bytes = b""
    device: int = 0
    sha256: str = ""
    data: list[tuple[int, int]] | None = None
    place: Place | None = None

    @property
    def stored(self) -> int:
        """How many bytes of a file lie in the packs."""
        return self.size if self.data is None else sum(length for _, length in self.data)


def describe(path: bytes, full: bytes, found: os.stat_result) -> Entry:
    kind = _KINDS[stat.S_IFMT(found.st_mode)]
    return Entry(
        path=path,
        kind=kind,
        mode=stat.S_IMODE(found.st_mode),
        uid=found.st_uid,
        gid=found.st_gid,
        mtime=found.st_mtime_ns,
        size=found.st_size if kind == FILE else 0,
        target=os.readlink(full) if kind == LINK else b"",
        device=found.st_rdev if kind in (CHAR, BLOCK) else 0,
    )


def to_line(entry: Entry) -> str:
    """Its JSON, written by hand: there may be millions.

    Names are bytes; what is no UTF-8 survives as lone surrogates.
    """
    more = ""
    if entry.kind == FILE:
        more = f',"size":{entry.size},"sha256":"{entry.sha256}"'
    if entry.target:
        more += f',"target":{_quoted(text(entry.target))}'
    if entry.device:
        more += f',"device":{entry.device}'
    if entry.data is not None:
        more += f',"data":{json.dumps(entry.data)}'
    if (place := entry.place) is not None:
        archive, pack, offset, last = place
        more += f',"at":["{archive}",{pack},{offset},{last}]'
    return (
        f'{{"path":{_quoted(text(entry.path))},"kind":"{entry.kind}","mode":{entry.mode},'
        f'"owner":[{entry.uid},{entry.gid}],"mtime":{entry.mtime}{more}}}'
    )


def from_json(line: dict[str, Any]) -> Entry:
    try:
        at, data = line.get("at"), line.get("data")
        return Entry(
            path=raw(line["path"]),
            kind=line["kind"],
            mode=line["mode"],
            uid=line["owner"][0],
            gid=line["owner"][1],
            mtime=line["mtime"],
            size=line.get("size", 0),
            target=raw(line.get("target", "")),
            device=line.get("device", 0),
            sha256=line.get("sha256", ""),
            data=None if data is None else [(begin, length) for begin, length in data],
            place=None if at is None else Place(*at),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Damaged(f"A line of the manifest makes no sense: {error}.") from error


def text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
