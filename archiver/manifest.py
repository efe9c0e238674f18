"""Manifests: a line of JSON for each path, in the order of the walk; a head and an end.

Compressed with zstd and sealed. Written and read as streams: a million files fit into the same
memory as one.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

import zstandard

from archiver.entries import Entry, from_json, to_line
from archiver.errors import Damaged
from archiver.sealed import Sealer, unseal

FORMAT = 1
_LINES = 64 * 1024
_LEVEL = 1  # half of it are hashes, which nothing makes smaller
_DECODE = json.JSONDecoder().decode
_LONGEST_LINE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Pack:
    """One object of packed bytes, as it lies in the store."""

    archive: str
    number: int
    size: int
    sha256: str


@dataclass
class Sums:
    """The end of a manifest: `reused` bytes are those an earlier archive has already."""

    entries: int = 0
    files: int = 0
    bytes: int = 0
    reused: int = 0
    packs: list[Pack] = field(default_factory=list)


def name_of(archive: str) -> str:
    return f"manifest of {archive}"


def name_of_pack(archive: str, number: int) -> str:
    return f"pack {number} of {archive}"


class Writer:
    def __init__(self, file: BinaryIO, key: bytes, archive: str) -> None:
        self._file = file
        self._zstd = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
        self._sealer = Sealer(key, name_of(archive))
        self._lines: list[str] = []
        self._waiting = 0
        file.write(self._sealer.header)
        self.add_line(_json({"format": FORMAT, "archive": archive}))

    def add(self, entry: Entry) -> None:
        self.add_line(to_line(entry))

    def finish(self, sums: Sums) -> None:
        packs = [[pack.archive, pack.number, pack.size, pack.sha256] for pack in sums.packs]
        self.add_line(_json({"end": {**vars(sums), "packs": packs}}))
        self._flush()
        self._file.write(self._sealer.update(self._zstd.flush()))
        self._file.write(self._sealer.finish())
        self._file.flush()

    def add_line(self, line: str) -> None:
        self._lines.append(line)
        self._waiting += len(line)
        if self._waiting > _LINES:
            self._flush()

    def _flush(self) -> None:
        packed = self._zstd.compress("\n".join([*self._lines, ""]).encode())
        self._file.write(self._sealer.update(packed))
        self._lines, self._waiting = [], 0


class Reader:
    """Iterate once, to the end; `sums` is there afterwards."""

    def __init__(self, chunks: Iterable[bytes], key: bytes, archive: str) -> None:
        self._lines = _lines(unzip(unseal(chunks, key, name_of(archive)), name_of(archive)))
        self._archive = archive
        self.sums: Sums | None = None

    def __iter__(self) -> Iterator[Entry]:
        head = next(self._lines, {})
        if head.get("format") != FORMAT or head.get("archive") != self._archive:
            raise Damaged(f"This is not the manifest of {self._archive}.")
        for line in self._lines:
            if "end" in line:
                self.sums = _sums(line["end"])
                return
            yield from_json(line)
        raise Damaged(f"The manifest of {self._archive} has no end.")

    def read_to_end(self) -> Sums:
        for _ in self:
            pass
        assert self.sums is not None
        return self.sums


def unzip(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """What one zstd frame holds, in pieces of 128 KiB: a gigabyte of zeros is packed in so few
    bytes that it would come all at once. Damaged when it is not whole."""
    try:
        yield from zstandard.ZstdDecompressor().read_to_iter(cast(BinaryIO, _Source(chunks)))
    except zstandard.ZstdError as error:
        raise Damaged(f"{name} cannot be unpacked: {error}.") from error


class _Source:
    """Chunks, to be read as a file is."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._rest = iter(chunks), b""

    def read(self, size: int) -> bytes:
        chunk = self._rest or next(self._chunks, b"")
        self._rest = chunk[size:]
        return chunk[:size]


def _json(line: dict[str, Any]) -> str:
    return json.dumps(line, separators=(",", ":"))


def _sums(line: dict[str, Any]) -> Sums:
    return Sums(**{**line, "packs": [Pack(*pack) for pack in line["packs"]]})


def _lines(chunks: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    waiting = b""
    for chunk in chunks:
        *whole, waiting = (waiting + chunk).split(b"\n")
        if len(waiting) > _LONGEST_LINE:
            raise Damaged("A line of the manifest has no end.")
        for line in whole:
            yield _DECODE(line.decode())
