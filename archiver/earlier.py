"""The archive before this one, read alongside: both walks have the same order."""

from archiver.entries import Entry
from archiver.manifest import Pack, Reader
from archiver.walk import Key, key_of


class Earlier:
    """Ask for paths in the order of the walk."""

    def __init__(self, reader: Reader | None = None) -> None:
        self._reader = reader
        self._entries = iter(reader or ())
        self._next: Entry | None = next(self._entries, None)
        self._used: set[tuple[str, int]] = set()

    def find(self, path: bytes) -> Entry | None:
        if self._next is None:
            return None
        self._skip_to(key_of(path))
        found = self._next
        return found if found is not None and found.path == path else None

    def use(self, entry: Entry) -> None:
        """Its bytes are needed where they lie."""
        place = entry.place
        assert place is not None
        self._used.update((place.archive, number) for number in range(place.pack, place.last + 1))

    def packs_in_use(self) -> list[Pack]:
        if self._reader is None:
            return []
        for _ in self._entries:
            pass
        assert self._reader.sums is not None
        packs = self._reader.sums.packs
        return [pack for pack in packs if (pack.archive, pack.number) in self._used]

    def _skip_to(self, key: Key) -> None:
        while self._next is not None and key_of(self._next.path) < key:
            self._next = next(self._entries, None)
