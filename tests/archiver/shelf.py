"""An archive without a network: what the archiver sends is kept in memory."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archiver.comparing import compare
from archiver.earlier import Earlier
from archiver.entries import Entry
from archiver.making import Maker
from archiver.manifest import Reader, Sums, Writer
from archiver.packing import Packer
from archiver.selection import Wish
from archiver.unpacking import Packs, unpack

KEY = bytes(range(32))


@dataclass
class Shelf:
    packs: dict[tuple[str, int], bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)

    def archive(self, root: Path, name: str, base: str = "", size: int = 1 << 20) -> Sums:
        def send(number: int, sealed: bytearray) -> None:
            self.packs[name, number] = bytes(sealed)

        scroll = io.BytesIO()
        with Packer(KEY, name, send, size) as packer:
            earlier = Earlier(self.reader(base)) if base else Earlier()
            sums = Maker(bytes(root), packer, earlier).make(Writer(scroll, KEY, name))
        self.manifests[name] = scroll.getvalue()
        return sums

    def reader(self, name: str, key: bytes = KEY) -> Reader:
        return Reader([self.manifests[name]], key, name)

    def entries(self, name: str) -> list[Entry]:
        return list(self.reader(name))

    def fetch(self, archive: str, number: int) -> Iterator[bytes]:
        whole = self.packs[archive, number]
        for begin in range(0, len(whole), 100_000):
            yield whole[begin : begin + 100_000]

    def contents(self, key: bytes = KEY) -> Packs:
        return Packs(self.fetch, lambda _archive: key)

    def restore(self, name: str, root: Path) -> int:
        root.mkdir()
        return unpack(self.reader(name), self.contents(), bytes(root))

    def compare(self, name: str, root: Path) -> int:
        return compare(self.reader(name), bytes(root), Wish())
