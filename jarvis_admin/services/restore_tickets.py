"""What a restoring machine gets to work with: URLs to read one archive with, and its keys.

Everything that can be found out without a machine is found out here.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from archiver.entries import Entry, raw
from archiver.manifest import Pack, Reader, Sums
from archiver.restore_ticket import PackUrl, RestoreTicket, seal_page
from archiver.selection import Wish, select
from jarvis_admin.domain.archiver import MOUNT_PATH
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Archive
from jarvis_admin.services.archive_checks import Unsound, sibling, sound, stream
from jarvis_admin.services.archive_tickets import LIFETIME, manifest_key, pack_key
from jarvis_admin.services.archives import KeyRing
from jarvis_admin.storage import ObjectStore

_A_PAGE = 500
_MOST_TEXT = 100_000  # Linux takes 128 KiB in one variable of the environment
_KEY = re.compile(r"[0-9a-f]{1,32}")

# Archive and number.
PackPlace = tuple[str, int]


def issue(
    store: ObjectStore, archive: Archive, ring: KeyRing, key: str, only: Sequence[str] = ()
) -> RestoreTicket:
    """Write the pages of URLs and make the ticket; `key` names this restore and no other.

    Raises Unsound when the manifest or a pack is missing, changed, or has another key; StoreError
    when the store is silent; Invalid when `only` is too long.
    """
    manifest = _Manifest(store, archive, ring)
    sums = manifest.check()
    places = _places(select(manifest.entries, Wish(map(raw, only))))
    _check_packs(store, archive.folder, sums.packs, places)
    opening = ring.of(archive.id).manifest
    ticket = RestoreTicket(
        archive=archive.id,
        root=MOUNT_PATH,
        manifest_url=store.url("GET", manifest_key(archive.folder), LIFETIME),
        manifest_key=opening,
        packs_keys={name: ring.of(name).packs for name in sorted({name for name, _ in places})},
        pages_url=_write_pages(store, archive, opening, key, places),
        only=tuple(only),
    )
    if len(ticket.to_json()) > _MOST_TEXT:
        withdraw(store, archive.folder, key)
        raise Invalid("These are too many paths for one restore: choose folders instead.")
    return ticket


def withdraw(store: ObjectStore, archive_folder: str, key: str) -> None:
    """Remove the pages, whatever the end of the restore was; as often as you like."""
    begin = _pages(archive_folder, key)
    for one in list(store.list(archive_folder)):
        if one.key.startswith(begin):
            store.delete(one.key)


class _Manifest:
    """Read from its beginning with each call."""

    def __init__(self, store: ObjectStore, archive: Archive, ring: KeyRing) -> None:
        self._chunks = partial(stream, store, manifest_key(archive.folder))
        self._key, self._archive = ring.of(archive.id).manifest, archive

    def check(self) -> Sums:
        """Is it the one that was checked when it arrived? Read to its end."""
        digest = hashlib.sha256()

        def hashed() -> Iterator[bytes]:
            for chunk in self._chunks():
                digest.update(chunk)
                yield chunk

        with sound():
            sums = Reader(hashed(), self._key, self._archive.id).read_to_end()
        if digest.hexdigest() != self._archive.manifest_sha256:
            raise Unsound(f"The manifest of {self._archive.id} is not the one that was stored.")
        return sums

    def entries(self) -> Iterator[Entry]:
        with sound():
            yield from Reader(self._chunks(), self._key, self._archive.id)


def _places(entries: Iterable[Entry]) -> list[PackPlace]:
    """Each pack that is needed, in the order in which it will first be read."""
    found: dict[PackPlace, None] = {}
    for entry in entries:
        if (place := entry.place) is not None:
            for number in range(place.pack, place.last + 1):
                found[place.archive, number] = None
    return list(found)


def _check_packs(
    store: ObjectStore, folder: str, packs: Sequence[Pack], needed: Iterable[PackPlace]
) -> None:
    """By the sizes a listing tells: their bytes are checked when they are opened."""
    expected = {(pack.archive, pack.number): pack.size for pack in packs}
    listed: dict[str, dict[str, int]] = {}
    for archive_id, number in needed:
        home = sibling(folder, archive_id)
        if archive_id not in listed:
            listed[archive_id] = {one.key: one.size for one in store.list(home)}
        key = pack_key(home, number)
        size = listed[archive_id].get(key)
        if size is None:
            raise Unsound(f"{key} is not in the object store.")
        if size != expected.get((archive_id, number)):
            raise Unsound(f"{key} has {size} bytes, which is not what was stored.")


def _write_pages(
    store: ObjectStore, archive: Archive, manifest: bytes, key: str, places: list[PackPlace]
) -> str:
    """The last page first, for each names the next; the URL of the first."""
    pages = [places[begin : begin + _A_PAGE] for begin in range(0, len(places), _A_PAGE)]
    following = ""
    for number, page in reversed(list(enumerate(pages, start=1))):
        sealed = seal_page(manifest, number, _urls(store, archive.folder, page), following)
        name = f"{_pages(archive.folder, key)}{number:03}"
        store.put(name, sealed)
        following = store.url("GET", name, LIFETIME)
    return following


def _urls(store: ObjectStore, folder: str, page: Iterable[PackPlace]) -> list[PackUrl]:
    return [
        (name, number, store.url("GET", pack_key(sibling(folder, name), number), LIFETIME))
        for name, number in page
    ]


def _pages(folder: str, key: str) -> str:
    """What the keys of a restore's pages begin with."""
    if not _KEY.fullmatch(key):
        raise Invalid(f"{key!r} does not name a restore.")
    return f"{folder}/restore-{key}-"
