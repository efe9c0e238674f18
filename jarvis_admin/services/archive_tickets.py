"""What an archiver gets to work with: pre-signed URLs and two keys, for one archive."""

from collections.abc import Sequence
from datetime import timedelta

from archiver.packing import PACK_SIZE
from archiver.ticket import Base, Ticket, seal_page
from jarvis_admin.domain.archiver import MOUNT_PATH
from jarvis_admin.services.archive_keys import ArchiveKeys
from jarvis_admin.storage import ObjectStore
from jarvis_admin.storage.permits import MANIFEST_BYTES

LIFETIME = timedelta(hours=24)

_GIB = 1024**3
_A_PAGE = 500


def pack_key(folder: str, number: int) -> str:
    return f"{folder}/pack-{number:05}"


def manifest_key(folder: str) -> str:
    return f"{folder}/manifest"


def page_key(folder: str, number: int) -> str:
    return f"{folder}/urls-{number:03}"


def issue(
    store: ObjectStore,
    archive_id: str,
    folder: str,
    keys: ArchiveKeys,
    gigabytes: int,
    before: Base | None,
) -> Ticket:
    """Write the pages of URLs, enough for a volume of so many gigabytes, and make the ticket."""
    first = _write_pages(store, folder, keys, _most_packs(gigabytes))
    return Ticket(
        archive=archive_id,
        root=MOUNT_PATH,
        packs_key=keys.packs,
        manifest_key=keys.manifest,
        pages_url=first,
        manifest_url=store.url("PUT", manifest_key(folder), LIFETIME, MANIFEST_BYTES),
        base=before,
    )


def base(store: ObjectStore, archive_id: str, folder: str, keys: ArchiveKeys) -> Base:
    """The archive to compare with; its packs stay closed to the archiver."""
    url = store.url("GET", manifest_key(folder), LIFETIME)
    return Base(archive=archive_id, manifest_url=url, manifest_key=keys.manifest)


def _write_pages(store: ObjectStore, folder: str, keys: ArchiveKeys, packs: int) -> str:
    """The last page first, for each names the next; the URL of the first."""
    numbers = range(1, packs + 1)
    pages = [numbers[begin : begin + _A_PAGE] for begin in range(0, packs, _A_PAGE)]
    following: str | None = None
    for number, page in reversed(list(enumerate(pages, start=1))):
        sealed = seal_page(keys.packs, number, _urls(store, folder, page), following)
        store.put(page_key(folder, number), sealed)
        following = store.url("GET", page_key(folder, number), LIFETIME)
    assert following is not None
    return following


def _urls(store: ObjectStore, folder: str, numbers: Sequence[int]) -> list[str]:
    return [store.url("PUT", pack_key(folder, number), LIFETIME) for number in numbers]


def _most_packs(gigabytes: int) -> int:
    """Of a full volume with a header for each of its names, and room to spare."""
    return gigabytes * _GIB * 5 // (PACK_SIZE * 4) + 64
