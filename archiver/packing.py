"""Packs: one stream, cut every so many bytes into objects that are compressed and sealed alone.

A second process compresses and seals (archiver.pressing), a thread here sends what comes back: two
packs are in memory at most, one being filled and one on its way.
"""

import hashlib
import io
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from archiver.entries import Place
from archiver.errors import Code, Trouble
from archiver.manifest import Pack
from archiver.pressing import LENGTH

PACK_SIZE = 16 * 1024 * 1024  # of the stream; sealed it is hardly more, mostly much less

_PIPE = 1024 * 1024
_BUFFER = 256 * 1024
_HOME = Path(__file__).parents[1]

# Stores one sealed pack under its number; raises Trouble when it cannot.
Send = Callable[[int, bytearray], None]


class Packer:
    def __init__(self, key: bytes, archive: str, send: Send, size: int = PACK_SIZE) -> None:
        self._archive, self._send, self._size = archive, send, size
        self._at = 0
        self._press = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", "archiver.pressing", archive, str(size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=_BUFFER,
            pipesize=_PIPE,
            cwd=_HOME,
        )
        stream, sealed = self._press.stdin, self._press.stdout
        assert stream is not None
        assert isinstance(sealed, io.BufferedReader)
        self._stream = stream
        self._sending = ThreadPoolExecutor(1, "send")
        self._sent = self._sending.submit(self._pass_on, sealed)
        self.write(key)
        self._at = 0

    def place(self, ahead: int, length: int) -> Place:
        """Where `length` bytes, at least one, will lie that are written after `ahead` others."""
        begin = self._at + ahead
        pack, offset = divmod(begin, self._size)
        return Place(self._archive, pack + 1, offset, (begin + length - 1) // self._size + 1)

    def write(self, data: bytes) -> None:
        self._at += len(data)
        try:
            self._stream.write(data)
        except BrokenPipeError:
            self._ended_early()

    def finish(self) -> list[Pack]:
        """Every pack in order; when it returns, the store has them all."""
        try:
            self._stream.close()
        except BrokenPipeError:
            self._ended_early()
        packs = self._sent.result()
        if self._press.wait() != 0:
            self._ended_early()
        return packs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._press.kill()
        self._press.wait()
        with suppress(BrokenPipeError):  # what was still to be written, is not
            self._stream.close()
        self._sending.shutdown(wait=kind is None)

    def _pass_on(self, source: io.BufferedReader) -> list[Pack]:
        """In a thread of its own."""
        packs: list[Pack] = []
        try:
            while length := source.read(LENGTH):
                sealed = bytearray(int.from_bytes(length, "big"))
                if source.readinto(sealed) < len(sealed):
                    raise _too_early()
                number, digest = len(packs) + 1, hashlib.sha256(sealed).hexdigest()
                self._send(number, sealed)
                packs.append(Pack(self._archive, number, len(sealed), digest))
                del sealed  # before the next one is made room for
        except BaseException:
            self._press.kill()  # so that writing ends, too
            raise
        return packs

    def _ended_early(self) -> NoReturn:
        self._sent.result()  # raises what the sending broke at, if that was it
        raise _too_early()


def _too_early() -> Trouble:
    return Trouble(Code.BUG, "What compresses and seals ended too early.")
