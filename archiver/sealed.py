"""Sealed streams: AES-256-GCM in frames, of any length, in constant memory.

Each object has a key of its own, derived from a random salt and its name: an object in another's
place does not open, and writing one anew never repeats a nonce. The last frame is marked, so a
stream that was cut off does not end well.
"""

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archiver.errors import Damaged

MAGIC = b"JVS1"
SALT = 32
HEADER = len(MAGIC) + SALT
FRAME = 256 * 1024
TAG = 16


def derive(key: bytes, purpose: str, salt: bytes = b"") -> bytes:
    return HKDF(SHA256(), length=32, salt=salt, info=purpose.encode()).derive(key)


class Sealer:
    """Plain bytes in, sealed bytes out; `finish` gives the end."""

    def __init__(self, key: bytes, name: str) -> None:
        salt = os.urandom(SALT)
        self.header = MAGIC + salt
        self._cipher = AESGCM(derive(key, name, salt))
        self._waiting = bytearray()
        self._count = 0

    def update(self, data: bytes) -> bytes:
        """Whole frames only; the rest waits for more."""
        self._waiting += data
        if len(self._waiting) <= FRAME:
            return b""
        sealed = bytearray()
        with memoryview(self._waiting) as view:
            done = 0
            while len(view) - done > FRAME:  # the last one may be full: kept for `finish`
                sealed += self._frame(view[done : done + FRAME], last=False)
                done += FRAME
        del self._waiting[:done]
        return bytes(sealed)

    def finish(self) -> bytes:
        return self._frame(self._waiting, last=True)

    def _frame(self, data: bytearray | memoryview, *, last: bool) -> bytes:
        nonce = _nonce(self._count, last)
        self._count += 1
        return self._cipher.encrypt(nonce, data, None)


def seal(data: bytes, key: bytes, name: str) -> bytes:
    """All at once, for what is small."""
    sealer = Sealer(key, name)
    return sealer.header + sealer.update(data) + sealer.finish()


def unseal(chunks: Iterable[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Raises Damaged for a wrong key, a changed byte, and a missing end."""
    frames = _frames(chunks, name)
    header = next(frames)
    if header[: len(MAGIC)] != MAGIC:
        raise Damaged(f"{name} is not one of our archive's objects.")
    cipher = AESGCM(derive(key, name, header[len(MAGIC) :]))
    count, ahead = 0, next(frames, b"")
    for frame in frames:
        yield _open(cipher, count, ahead, False, name)
        count, ahead = count + 1, frame
    yield _open(cipher, count, ahead, True, name)


def _open(cipher: AESGCM, count: int, frame: bytes, last: bool, name: str) -> bytes:
    try:
        return cipher.decrypt(_nonce(count, last), frame, None)
    except (InvalidTag, ValueError) as error:
        raise Damaged(f"{name} was changed, was cut off, or has another key.") from error


def _nonce(count: int, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])


def _frames(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The header, then sealed frames, of which only the last may be short."""
    waiting, wanted = bytearray(), HEADER
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= wanted:
            yield bytes(waiting[:wanted])
            del waiting[:wanted]
            if wanted == HEADER:
                wanted = FRAME + TAG
    if wanted == HEADER:
        raise Damaged(f"{name} is cut off.")
    if waiting:
        yield bytes(waiting)
