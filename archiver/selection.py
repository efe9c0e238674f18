"""What of an archive is wanted: everything, or what lies at some paths, with the folders above."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from archiver.entries import HARD, Entry, from_json, to_line
from archiver.scratch import Scratch

# Begins the manifest anew with every call.
Manifest = Callable[[], Iterable[Entry]]


class Wish:
    def __init__(self, only: Iterable[bytes] = ()) -> None:
        paths = [path.strip(b"/") for path in only]
        self.everything = not paths or b"" in paths
        self._tops = tuple(path + b"/" for path in paths)
        self._above = {b""}
        for path in paths:
            while b"/" in path:
                path = path.rpartition(b"/")[0]
                self._above.add(path)

    def wants(self, path: bytes) -> bool:
        return self.everything or (path + b"/").startswith(self._tops)

    def leads_to(self, path: bytes) -> bool:
        """Is it a folder above something that is wanted?"""
        return path in self._above


def select(manifest: Manifest, wish: Wish) -> Iterator[Entry]:
    """In the order of the manifest. A file whose first name is not wanted comes with the first
    of its names that is; so the manifest is read twice."""
    if wish.everything:
        yield from manifest()
        return
    with _Files() as files:
        for entry in manifest():
            if entry.kind == HARD and wish.wants(entry.path) and not wish.wants(entry.target):
                files.need(entry.target)
        for entry in manifest():
            if wish.wants(entry.path):
                yield files.renamed(entry) if entry.kind == HARD else entry
            elif wish.leads_to(entry.path):
                yield entry
            else:
                files.note(entry)


class _Files(Scratch):
    """Files that are needed by another of their names."""

    schema = "CREATE TABLE needed (path BLOB PRIMARY KEY, line TEXT, name BLOB) WITHOUT ROWID"

    def need(self, path: bytes) -> None:
        self.table.execute("INSERT OR IGNORE INTO needed (path) VALUES (?)", (path,))

    def note(self, entry: Entry) -> None:
        self.table.execute(
            "UPDATE needed SET line = ? WHERE path = ?", (to_line(entry), entry.path)
        )

    def renamed(self, entry: Entry) -> Entry:
        row = self.table.execute(
            "SELECT line, name FROM needed WHERE path = ?", (entry.target,)
        ).fetchone()
        if row is None:
            return entry
        line, name = row
        if name is not None:
            return replace(entry, target=name)
        self.table.execute("UPDATE needed SET name = ? WHERE path = ?", (entry.path, entry.target))
        return replace(from_json(json.loads(line)), path=entry.path)
