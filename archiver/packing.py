"""Packs: a stream cut into objects, each compressed and sealed by itself.

Three threads share the work: the caller reads and hashes, one compresses and seals, one sends.
Memory holds two packs at most, one being filled while the other travels, and a few blocks.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import zstandard

from archiver.manifest import Pack
from archiver.sealed import Sealer

PACK_SIZE = 16 * 1024 * 1024
LEVEL = 3

_BLOCK = 256 * 1024
_MOST_WAITING = 4  # blocks between reading and compressing

# Stores one sealed pack under its number; raises Trouble when it cannot.
Send = Callable[[int, bytearray], None]


def name_of(archive: str, number: int) -> str:
    return f"pack {number} of {archive}"


class _Open:
    """The pack that is being filled; all but `full` belongs to the compressing thread."""

    def __init__(self, key: bytes, archive: str, number: int, size: int) -> None:
        self.number, self.full = number, False
        self._size = size
        self._zstd = zstandard.ZstdCompressor(level=LEVEL).compressobj()
        self._sealer = Sealer(key, name_of(archive, number))
        self._sealed = bytearray(self._sealer.header)

    def add(self, block: bytes) -> None:
        if packed := self._zstd.compress(block):
            self._sealed += self._sealer.update(packed)
        self.full = len(self._sealed) >= self._size

    def end(self) -> bytearray:
        self._sealed += self._sealer.update(self._zstd.flush())
        self._sealed += self._sealer.finish()
        return self._sealed


class Packer:
    """`number` and `offset` say where the next byte will lie."""

    def __init__(self, key: bytes, archive: str, send: Send, size: int = PACK_SIZE) -> None:
        self._key, self._archive, self._send, self._size = key, archive, send, size
        self._compressing = ThreadPoolExecutor(1, "compress")
        self._sending = ThreadPoolExecutor(1, "send")
        self._waiting: deque[Future[None]] = deque()
        self._travelling: Future[Pack] | None = None
        self._packs: list[Pack] = []
        self._parts: list[bytes] = []
        self._size_of_parts = 0
        self.offset = 0
        self._open = _Open(key, archive, 1, size)

    @property
    def number(self) -> int:
        return self._open.number

    @property
    def last(self) -> int:
        """The pack in which the last byte lies."""
        return self.number if self.offset else self.number - 1

    def write(self, data: bytes) -> None:
        self._parts.append(data)
        self._size_of_parts += len(data)
        self.offset += len(data)
        if self._size_of_parts >= _BLOCK:
            self._hand_over()
            if self._open.full:
                self._cut()

    def finish(self) -> list[Pack]:
        """Every pack in order; when it returns, the store has them all."""
        self._hand_over()
        if self.offset:
            self._cut()
        while self._waiting:
            self._waiting.popleft().result()
        self._arrived()
        return self._packs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for threads in (self._compressing, self._sending):
            threads.shutdown(wait=kind is None, cancel_futures=True)

    def _hand_over(self) -> None:
        block = b"".join(self._parts)
        self._parts, self._size_of_parts = [], 0
        self._submit(self._open.add, block)

    def _cut(self) -> None:
        self._submit(self._pass_on, self._open)
        self._open = _Open(self._key, self._archive, self.number + 1, self._size)
        self.offset = 0

    def _submit(self, work: Callable[..., None], subject: object) -> None:
        self._waiting.append(self._compressing.submit(work, subject))
        while len(self._waiting) > _MOST_WAITING:
            self._waiting.popleft().result()

    def _pass_on(self, full: _Open) -> None:
        sealed = full.end()
        self._arrived()
        self._travelling = self._sending.submit(self._deliver, full.number, sealed)

    def _deliver(self, number: int, sealed: bytearray) -> Pack:
        pack = Pack(self._archive, number, len(sealed), hashlib.sha256(sealed).hexdigest())
        self._send(number, sealed)
        return pack

    def _arrived(self) -> None:
        if self._travelling is not None:
            self._packs.append(self._travelling.result())
            self._travelling = None
