"""Reading an archive back: one file's bytes, or the whole tree."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from archiver.entries import (
    BLOCK,
    CHAR,
    FILE,
    FOLDER,
    HARD,
    LINK,
    PIPE,
    SOCKET,
    Entry,
    Place,
    text,
)
from archiver.errors import Damaged
from archiver.manifest import name_of_pack, unzip
from archiver.sealed import unseal

# The stored bytes of a pack, by archive and number.
Fetch = Callable[[str, int], Iterable[bytes]]
# The packs' key of an archive.
KeyOf = Callable[[str], bytes]

_MOST_OPEN = 16  # more than archives build upon one another: none is opened twice
_ZEROS = bytes(512 * 1024)


@dataclass
class _Cursor:
    """A pack that is being read, and how far: `piece` is the part that begins at `at`."""

    number: int
    stream: Iterator[bytes]
    at: int = 0
    piece: bytes = b""

    def take(self, offset: int, length: int) -> Iterator[bytes]:
        """Up to `length` bytes from the offset on, which may not lie before `at`."""
        while length:
            begin = offset - self.at
            if begin >= len(self.piece):
                self.at += len(self.piece)
                self.piece = next(self.stream, b"")
                if not self.piece:
                    return
                continue
            taken = self.piece[begin : begin + length]
            offset += len(taken)
            length -= len(taken)
            yield taken


class Packs:
    """Bytes by their place; quick when asked in the order of the manifest."""

    def __init__(self, fetch: Fetch, key_of: KeyOf) -> None:
        self._fetch, self._key_of = fetch, key_of
        self._cursors: dict[str, _Cursor] = {}

    def read(self, place: Place, length: int) -> Iterator[bytes]:
        number, offset = place.pack, place.offset
        while length:
            got = 0
            for piece in self._cursor(place.archive, number, offset).take(offset, length):
                got += len(piece)
                yield piece
            length -= got
            if length and number == place.last:
                raise Damaged(f"{name_of_pack(place.archive, number)} ends too early.")
            number, offset = number + 1, 0

    def _cursor(self, archive: str, number: int, offset: int) -> _Cursor:
        known = self._cursors.pop(archive, None)
        if known is None or known.number != number or known.at > offset:
            known = _Cursor(number, self._open(archive, number))
        if len(self._cursors) >= _MOST_OPEN:
            del self._cursors[next(iter(self._cursors))]
        self._cursors[archive] = known  # the one used last is the last to be closed
        return known

    def _open(self, archive: str, number: int) -> Iterator[bytes]:
        name = name_of_pack(archive, number)
        return unzip(unseal(self._fetch(archive, number), self._key_of(archive), name), name)


def content(entry: Entry, packs: Packs) -> Iterator[tuple[int, bytes]]:
    """Pieces of a file with their offsets, holes left out.

    Raises Damaged at the end if the file is not what was archived.
    """
    digest, done = hashlib.sha256(), 0
    pieces = packs.read(entry.place, entry.stored) if entry.place else iter(())
    rest = b""
    for begin, length in [(0, entry.size)] if entry.data is None else entry.data:
        _hash_zeros(digest, begin - done)
        done = begin
        while done < begin + length:
            rest = rest or next(pieces, b"")
            if not rest:
                break
            piece, rest = rest[: begin + length - done], rest[begin + length - done :]
            digest.update(piece)
            yield done, piece
            done += len(piece)
    _hash_zeros(digest, entry.size - done)
    if digest.hexdigest() != entry.sha256:
        raise Damaged(f"{text(entry.path)!a} is not what was archived.")


def unpack(entries: Iterable[Entry], packs: Packs, root: bytes) -> int:
    """Make the whole tree below an empty folder; how many paths.

    Owners only when we are root, as tar does it. A folder's own time is set when nothing more
    will be made in it.
    """
    count, open_folders = 0, list[Entry]()
    for entry in entries:
        while open_folders and not _is_below(entry.path, open_folders[-1].path):
            dress(root, open_folders.pop())
        full = _full(root, entry.path)
        _make(entry, full, root, packs)
        if entry.kind == FOLDER:
            open_folders.append(entry)
        elif entry.kind not in (HARD, SOCKET):
            dress(root, entry)
        count += 1
    while open_folders:
        dress(root, open_folders.pop())
    return count


def _make(entry: Entry, full: bytes, root: bytes, packs: Packs) -> None:
    match entry.kind:
        case kind if kind == FOLDER:
            with suppress(FileExistsError):
                os.mkdir(full, 0o700)
        case kind if kind == FILE:
            _write(entry, full, packs)
        case kind if kind == LINK:
            os.symlink(entry.target, full)
        case kind if kind == HARD:
            os.link(_full(root, entry.target), full, follow_symlinks=False)
        case kind if kind == PIPE:
            os.mkfifo(full)
        case kind if kind in (CHAR, BLOCK):
            with suppress(PermissionError):  # only root makes devices, and few volumes have one
                what = stat.S_IFCHR if kind == CHAR else stat.S_IFBLK
                os.mknod(full, what | 0o600, entry.device)


def _write(entry: Entry, full: bytes, packs: Packs) -> None:
    with open(full, "xb", buffering=0) as file:
        for offset, piece in content(entry, packs):
            if entry.data is not None:
                file.seek(offset)
            done = file.write(piece)
            while done < len(piece):  # a disk that is full takes a part, and then refuses
                done += file.write(piece[done:])
        if entry.data is not None:
            file.truncate(entry.size)


def dress(root: bytes, entry: Entry) -> None:
    """Give it its owner, mode and time."""
    full = _full(root, entry.path)
    if entry.kind in (CHAR, BLOCK) and not os.path.lexists(full):
        return
    if os.geteuid() == 0:
        os.chown(full, entry.uid, entry.gid, follow_symlinks=False)
    if entry.kind != LINK:
        os.chmod(full, entry.mode)
    os.utime(full, ns=(entry.mtime, entry.mtime), follow_symlinks=False)


def _full(root: bytes, path: bytes) -> bytes:
    parts = path.split(b"/")
    if path.startswith(b"/") or b".." in parts or b"." in parts:
        raise Damaged(f"{text(path)!a} leads out of the archive.")
    return root + b"/" + path if path else root


def _is_below(path: bytes, folder: bytes) -> bool:
    return not folder or path.startswith(folder + b"/")


def _hash_zeros(digest: "hashlib._Hash", count: int) -> None:
    while count > 0:
        digest.update(_ZEROS[: min(count, len(_ZEROS))])
        count -= len(_ZEROS)
