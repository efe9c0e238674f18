"""Is an archive what its manifest says? Asked when it has arrived, and by `backups verify`."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from archiver.entries import FILE
from archiver.errors import Trouble
from archiver.manifest import Pack, Reader, Sums
from archiver.unpacking import Packs, content
from jarvis_admin.errors import JarvisError
from jarvis_admin.services.archive_keys import ArchiveKeys
from jarvis_admin.services.archive_tickets import manifest_key, pack_key
from jarvis_admin.storage import NoSuchObject, ObjectStore

KeysOf = Callable[[str], ArchiveKeys]


class Unsound(JarvisError):
    """An object is missing, changed, cut off, or closed with another key."""

    status = 409


class EarlierUnsound(Unsound):
    """Not this archive, but one it builds upon."""


@contextmanager
def sound() -> Iterator[None]:
    """What the archiver's own code finds wrong becomes Unsound."""
    try:
        yield
    except Trouble as trouble:
        raise Unsound(str(trouble)) from trouble


@dataclass(frozen=True)
class Arrived:
    sums: Sums
    stored_bytes: int
    manifest_sha256: str


def check_arrival(store: ObjectStore, archive_id: str, folder: str, keys_of: KeysOf) -> Arrived:
    """Sizes and hashes of everything that was sent, and that what it builds on is there.

    What an earlier attempt left behind is removed. Raises Unsound.
    """
    digest, size = hashlib.sha256(), 0

    def sealed() -> Iterator[bytes]:
        nonlocal size
        for chunk in stream(store, manifest_key(folder)):
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    sums = _sums(Reader(sealed(), keys_of(archive_id).manifest, archive_id))
    own = [pack for pack in sums.packs if pack.archive == archive_id]
    for pack in own:
        _check_bytes(store, pack_key(folder, pack.number), pack)
    for pack in sums.packs:
        if pack.archive != archive_id:
            _check_size(store, pack_key(sibling(folder, pack.archive), pack.number), pack)
    kept = {manifest_key(folder), *(pack_key(folder, pack.number) for pack in own)}
    for stray in [one.key for one in store.list(folder) if one.key not in kept]:
        store.delete(stray)
    return Arrived(sums, sum(pack.size for pack in own) + size, digest.hexdigest())


def verify(store: ObjectStore, archive_id: str, folder: str, keys_of: KeysOf) -> int:
    """Read every file back, unpacked and hashed; how many. Raises Unsound with the first
    that is not what was archived, StoreError when the store is silent."""
    packs = Packs(fetcher(store, folder), lambda archive: keys_of(archive).packs)
    reader = Reader(stream(store, manifest_key(folder)), keys_of(archive_id).manifest, archive_id)
    count = 0
    try:
        for entry in reader:
            if entry.kind == FILE:
                for _ in content(entry, packs):
                    pass
                count += 1
    except Trouble as trouble:
        raise Unsound(str(trouble)) from trouble
    if reader.sums is None or reader.sums.files != count:
        raise Unsound(f"The manifest of {archive_id} counts its files wrong.")
    return count


def fetcher(store: ObjectStore, folder: str) -> Callable[[str, int], Iterable[bytes]]:
    """The stored bytes of a pack, of this archive or one it builds on."""
    return lambda archive, number: stream(store, pack_key(sibling(folder, archive), number))


def sibling(folder: str, archive_id: str) -> str:
    """The folder of another archive of the same user."""
    return f"{folder.rpartition('/')[0]}/{archive_id}"


def _sums(reader: Reader) -> Sums:
    try:
        return reader.read_to_end()
    except Trouble as trouble:
        raise Unsound(str(trouble)) from trouble


def _check_bytes(store: ObjectStore, key: str, pack: Pack) -> None:
    digest, size = hashlib.sha256(), 0
    for chunk in stream(store, key):
        digest.update(chunk)
        size += len(chunk)
    if (size, digest.hexdigest()) != (pack.size, pack.sha256):
        raise Unsound(f"{key} arrived with {size} bytes and is not what was sent.")


def _check_size(store: ObjectStore, key: str, pack: Pack) -> None:
    try:
        size = store.size(key)
    except NoSuchObject as gone:
        raise EarlierUnsound(f"{key} of an earlier archive is gone.") from gone
    if size != pack.size:
        raise EarlierUnsound(
            f"{key} of an earlier archive has {size} bytes instead of {pack.size}."
        )


def stream(store: ObjectStore, key: str) -> Iterator[bytes]:
    """Unsound when it is not there."""
    try:
        yield from store.stream(key)
    except NoSuchObject as gone:
        raise Unsound(f"{key} is not in the object store.") from gone
