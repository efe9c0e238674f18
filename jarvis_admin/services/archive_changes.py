"""What changed between two archives: their manifests read side by side, in constant memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from archiver.entries import FOLDER, Entry
from archiver.manifest import Reader
from archiver.walk import key_of
from jarvis_admin.services import archive_checks
from jarvis_admin.services.archive_files import Readable
from jarvis_admin.services.archive_tickets import manifest_key
from jarvis_admin.storage import ObjectStore

_MOST_NAMES = 300


@dataclass(frozen=True)
class Change:
    path: bytes
    how: str  # new, changed, deleted: since the older one
    size: int  # as it is in the newer one, or was


@dataclass
class Changes:
    """Counts of everything; the names of the first few hundred, in the order of the walk."""

    new: int = 0
    changed: int = 0
    deleted: int = 0
    named: list[Change] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.new + self.changed + self.deleted

    def add(self, how: str, entry: Entry) -> None:
        setattr(self, how, getattr(self, how) + 1)
        if len(self.named) < _MOST_NAMES:
            self.named.append(Change(entry.path, how, entry.size))


def between(store: ObjectStore, older: Readable, newer: Readable) -> Changes:
    """Folders do not count: what is in them does. Raises Unsound, StoreError."""
    with archive_checks.sound():
        return compare(_entries(store, older), _entries(store, newer))


def compare(older: Iterable[Entry], newer: Iterable[Entry]) -> Changes:
    """Both in the order of the walk."""
    found = Changes()
    before, after = _walked(older), _walked(newer)
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and key_of(old.path) < key_of(new.path)):
            assert old is not None
            found.add("deleted", old)
            old = next(before, None)
        elif old is None or key_of(new.path) < key_of(old.path):
            found.add("new", new)
            new = next(after, None)
        else:
            if _content(old) != _content(new):
                found.add("changed", new)
            old, new = next(before, None), next(after, None)
    return found


def _walked(entries: Iterable[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if entry.kind != FOLDER)


def _content(entry: Entry) -> tuple[str, int, str, bytes, int]:
    """What a user would miss; a file that was only touched has not changed."""
    return entry.kind, entry.mode, entry.sha256, entry.target, entry.device


def _entries(store: ObjectStore, archive: Readable) -> Reader:
    sealed = archive_checks.stream(store, manifest_key(archive.folder))
    return Reader(sealed, archive.keys_of(archive.id).manifest, archive.id)
