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

from archiver import plain, tape
from archiver.earlier import Earlier
from archiver.entries import FILE, HARD, SOCKET, Entry, describe
from archiver.errors import Code, Trouble
from archiver.hardlinks import HardLinks
from archiver.holes import stretches
from archiver.manifest import Sums, Writer
from archiver.packing import Packer
from archiver.walk import walk

_BLOCK = 256 * 1024
_ZEROS = bytes(_BLOCK)


class Maker:
    def __init__(self, root: bytes, packer: Packer, earlier: Earlier) -> None:
        self._root, self._packer, self._earlier = root, packer, earlier
        self._sums = Sums()

    def make(self, writer: Writer) -> Sums:
        base = self._root + b"/"
        with HardLinks() as links:
            for path, found in walk(self._root):
                full = base + path
                self._sums.entries += 1
                if plain.is_plain(path, found):
                    writer.add_line(self._take_plain(path, full, found))
                    continue
                entry = describe(path, full, found)
                first = links.first(path, found) if found.st_nlink > 1 else None
                # A socket is not kept, so nothing can be linked to it.
                if first is not None and entry.kind != SOCKET:
                    entry = replace(entry, kind=HARD, target=first, size=0)
                self._take(entry, full, found)
                writer.add(entry)
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
        before = self._before(entry.path, found)
        self._count(found)
        with open(full, "rb", buffering=0) as file:
            if before is not None and self._is_same(file, before):
                entry.sha256, entry.data, entry.place = before.sha256, before.data, before.place
                self._reuse(before)
                return
            entry.data = stretches(file, found)
            self._packer.write(tape.header(entry))
            if entry.stored:
                entry.place = self._packer.place(0, entry.stored)
            entry.sha256 = self._pack(file, entry)
            self._packer.write(tape.padding(entry.stored))

    def _take_plain(self, path: bytes, full: bytes, found: os.stat_result) -> str:
        """Its line of the manifest."""
        before = self._before(path, found)
        self._count(found)
        content = _read_whole(path, full, found.st_size)
        sha256 = hashlib.sha256(content).hexdigest()
        if before is not None and before.data is None and before.sha256 == sha256:
            self._reuse(before)
            return plain.line(path, found, sha256, before.place)
        header = plain.header(path, found)
        place = self._packer.place(len(header), len(content)) if content else None
        self._packer.write(b"".join((header, content, tape.padding(len(content)))))
        return plain.line(path, found, sha256, place)

    def _before(self, path: bytes, found: os.stat_result) -> Entry | None:
        """What the archive before has stored of it, if it looks as it did then."""
        before = self._earlier.find(path)
        if before is None or before.kind != FILE or before.place is None:
            return None
        same = (before.size, before.mtime) == (found.st_size, found.st_mtime_ns)
        return before if same else None

    def _count(self, found: os.stat_result) -> None:
        self._sums.files += 1
        self._sums.bytes += found.st_size

    def _reuse(self, before: Entry) -> None:
        self._earlier.use(before)
        self._sums.reused += before.stored

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


def _read_whole(path: bytes, full: bytes, size: int) -> bytes:
    if not size:
        return b""
    number = os.open(full, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = os.read(number, size)
    finally:
        os.close(number)
    if len(content) != size:
        raise _too_short(path)
    return content


def _too_short(path: bytes) -> Trouble:
    name = path.decode(errors="replace")
    return Trouble(Code.UNREADABLE, f"{name} is shorter than the volume says.")


def _read(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    return _read_stretch(file, 0, entry.size, entry)


def _read_stretch(file: BinaryIO, begin: int, length: int, entry: Entry) -> Iterator[bytes]:
    file.seek(begin)
    while length:
        block = file.read(min(length, _BLOCK))
        if not block:
            raise _too_short(entry.path)
        length -= len(block)
        yield block


def _hash_zeros(digest: "hashlib._Hash", count: int) -> None:
    while count > 0:
        digest.update(_ZEROS[: min(count, _BLOCK)])
        count -= _BLOCK
