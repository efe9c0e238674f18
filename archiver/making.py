"""Making an archive: every path into the manifest, every changed file into the packs.

A file that looks as it did in the archive before (path, size, time of change) is read and hashed;
if it is what it was, the manifest points at the bytes that are stored already. Nothing is taken
for unchanged by its looks alone.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from archiver import tape
from archiver.earlier import Earlier
from archiver.entries import FILE, HARD, SOCKET, Entry, Place, describe
from archiver.errors import Code, Trouble
from archiver.hardlinks import HardLinks
from archiver.holes import may_have_holes, stretches
from archiver.manifest import Sums, Writer
from archiver.packing import Packer
from archiver.walk import walk

_BLOCK = 256 * 1024
_ZEROS = bytes(_BLOCK)


class Maker:
    def __init__(self, root: bytes, archive: str, packer: Packer, earlier: Earlier) -> None:
        self._root, self._archive = root, archive
        self._packer, self._earlier = packer, earlier
        self._sums = Sums()

    def make(self, writer: Writer) -> Sums:
        base = self._root + b"/"
        with HardLinks() as links:
            for path, found in walk(self._root):
                full = base + path
                entry = describe(path, full, found)
                first = links.first(path, found) if found.st_nlink > 1 else None
                # A socket is not kept, so nothing can be linked to it.
                if first is not None and entry.kind != SOCKET:
                    entry = replace(entry, kind=HARD, target=first, size=0)
                self._take(entry, full, found)
                writer.add(entry)
                self._sums.entries += 1
        self._packer.write(tape.END)
        packs = self._packer.finish()
        self._sums.packs = [*self._earlier.packs_in_use(), *packs]
        writer.finish(self._sums)
        return self._sums

    def _take(self, entry: Entry, full: bytes, found: os.stat_result) -> None:
        if entry.kind == FILE:
            self._take_file(entry, full, found)
        elif entry.kind != SOCKET:
            self._packer.write(tape.header(entry))

    def _take_file(self, entry: Entry, full: bytes, found: os.stat_result) -> None:
        self._sums.files += 1
        self._sums.bytes += entry.size
        before = self._earlier.find(entry.path)
        if before is not None and not _looks_same(before, entry):
            before = None
        if entry.size <= _BLOCK and not may_have_holes(found):
            self._take_small(entry, full, before)
        else:
            self._take_large(entry, full, found, before)

    def _take_small(self, entry: Entry, full: bytes, before: Entry | None) -> None:
        """Read at once, and written at once: most files of a volume are small."""
        content = _read_whole(full, entry)
        entry.sha256 = hashlib.sha256(content).hexdigest()
        if before is not None and before.sha256 == entry.sha256:
            self._reuse(entry, before)
            return
        header, packer = tape.header(entry), self._packer
        if content:
            number = packer.number
            entry.place = Place(self._archive, number, packer.offset + len(header), number)
        packer.write(header + content + tape.padding(entry.size))

    def _take_large(
        self, entry: Entry, full: bytes, found: os.stat_result, before: Entry | None
    ) -> None:
        with open(full, "rb", buffering=0) as file:
            if before is not None and self._is_same(file, before):
                self._reuse(entry, before)
                return
            entry.data = stretches(file, found)
            self._packer.write(tape.header(entry))
            pack, offset = self._packer.number, self._packer.offset
            entry.sha256 = self._pack(file, entry)
            if entry.stored:
                last = self._packer.last
                entry.place = Place(self._archive, pack, offset, last)
            self._packer.write(tape.padding(entry.stored))

    def _reuse(self, entry: Entry, before: Entry) -> None:
        entry.sha256, entry.data, entry.place = before.sha256, before.data, before.place
        self._earlier.use(before)
        self._sums.reused += entry.stored

    def _is_same(self, file: BinaryIO, before: Entry) -> bool:
        """Read and hashed; a renewed read follows when it is not."""
        digest = hashlib.sha256()
        for block in _read(file, replace(before, data=None)):
            digest.update(block)
        return digest.hexdigest() == before.sha256

    def _pack(self, file: BinaryIO, entry: Entry) -> str:
        digest, done = hashlib.sha256(), 0
        for begin, length in [(0, entry.size)] if entry.data is None else entry.data:
            _hash_zeros(digest, begin - done)
            for block in _read_stretch(file, begin, length, entry):
                digest.update(block)
                self._packer.write(block)
            done = begin + length
        _hash_zeros(digest, entry.size - done)
        return digest.hexdigest()


def _looks_same(before: Entry, entry: Entry) -> bool:
    known = before.kind == FILE and before.place is not None
    return known and (before.size, before.mtime) == (entry.size, entry.mtime)


def _read_whole(full: bytes, entry: Entry) -> bytes:
    if not entry.size:
        return b""
    number = os.open(full, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = os.read(number, entry.size)
    finally:
        os.close(number)
    if len(content) != entry.size:
        raise _too_short(entry)
    return content


def _too_short(entry: Entry) -> Trouble:
    name = entry.path.decode(errors="replace")
    return Trouble(Code.UNREADABLE, f"{name} is shorter than the volume says.")


def _read(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    return _read_stretch(file, 0, entry.size, entry)


def _read_stretch(file: BinaryIO, begin: int, length: int, entry: Entry) -> Iterator[bytes]:
    file.seek(begin)
    while length:
        block = file.read(min(length, _BLOCK))
        if not block:
            raise _too_short(entry)
        length -= len(block)
        yield block


def _hash_zeros(digest: "hashlib._Hash", count: int) -> None:
    while count > 0:
        digest.update(_ZEROS[: min(count, _BLOCK)])
        count -= _BLOCK
