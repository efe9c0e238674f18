"""The second process of a packer: compresses and seals the stream it is sent, cut into packs.

Reading many small files keeps a core busy with Python, compressing them another: a process each,
neither waits for the other's interpreter. Comes in: the key, then the stream. Goes out: each
sealed pack, after its length.
"""

import sys
from typing import BinaryIO

import zstandard

from archiver.manifest import name_of_pack
from archiver.sealed import Sealer

LEVEL = 3
KEY = 32
LENGTH = 8  # bytes that say how long a pack is

_BLOCK = 256 * 1024


def press(source: BinaryIO, sink: BinaryIO, archive: str, size: int) -> None:
    """To the end of the stream; each pack but the last holds `size` bytes of it."""
    key, number = source.read(KEY), 0
    while first := source.read(min(size, _BLOCK)):
        number += 1
        sealer = Sealer(key, name_of_pack(archive, number))
        _write(sink, _pack(source, first, size, sealer))  # and held by nobody afterwards


def _write(sink: BinaryIO, sealed: bytearray) -> None:
    sink.write(len(sealed).to_bytes(LENGTH, "big"))
    sink.write(sealed)
    sink.flush()


def _pack(source: BinaryIO, block: bytes, size: int, sealer: Sealer) -> bytearray:
    zstd = zstandard.ZstdCompressor(level=LEVEL).compressobj()
    sealed = bytearray(sealer.header)
    left = size
    while block:
        sealed += sealer.update(zstd.compress(block))
        left -= len(block)
        block = source.read(min(left, _BLOCK))
    sealed += sealer.update(zstd.flush())
    sealed += sealer.finish()
    return sealed


if __name__ == "__main__":
    try:
        press(sys.stdin.buffer, sys.stdout.buffer, sys.argv[1], int(sys.argv[2]))
    except BrokenPipeError:  # nobody wants it any more
        sys.stderr.close()
