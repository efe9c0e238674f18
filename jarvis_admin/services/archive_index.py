"""An archive's manifest, laid out for looking things up: a folder's content, a word, a path.

In a temporary database of SQLite that has no name: its file is unlinked before anything is
written, so nobody else can open it and nothing of it is left, however this process ends.
Memory holds its cache and no more.
"""

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.entries import FOLDER, HARD, Entry, Place
from archiver.errors import Damaged
from jarvis_admin.domain.file_names import folded, shown
from jarvis_admin.errors import Conflict, NotFound

PAGE = 200

_A_BATCH = 500
_NO_NAMES = (b"", b".", b"..")
_COLUMNS = (
    "id, path, kind, mode, uid, gid, mtime, size, target, device, sha256, data, archive, pack, "
    "begins, ends"
)
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -2048;
CREATE TABLE paths (
  id INTEGER PRIMARY KEY, path BLOB, kind TEXT, mode INT, uid INT, gid INT, mtime INT, size INT,
  target BLOB, device INT, sha256 TEXT, data TEXT, archive TEXT, pack INT, begins INT, ends INT,
  parent INT, below INT, name TEXT, words TEXT
);
"""
_INDEXES = """
CREATE INDEX by_parent ON paths (parent, below, name, id);
CREATE INDEX by_path ON paths (path);
"""
_INSERT = f"INSERT INTO paths VALUES ({', '.join('?' * 20)})"  # noqa: S608
_SELECT = f"SELECT {_COLUMNS} FROM paths"  # noqa: S608 (no part of it comes from outside)


@dataclass(frozen=True)
class Listed:
    """`id` is its place in the manifest; a page begins after one."""

    id: int
    entry: Entry


@dataclass(frozen=True)
class Page:
    rows: Sequence[Listed]
    next: int | None


class Index:
    """Thread safe. Its file goes when the last one who holds it lets go."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Raises Damaged for what no walk would have written."""
        self._lock = threading.Lock()
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self._db.close)
        self._db.executescript(_SCHEMA)
        try:
            self._db.execute("BEGIN")
            self._db.executemany(_INSERT, _rows(entries))
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise Conflict(f"The console has no room to lay the list out: {error}.") from error
        except (OverflowError, UnicodeEncodeError, sqlite3.Error) as error:
            raise Damaged(f"The manifest holds what no disk could: {error}.") from error
        self._db.executescript(_INDEXES)
        self._count: int = self._db.execute("SELECT max(id) FROM paths").fetchone()[0] or 0

    def __len__(self) -> int:
        """How many paths."""
        return self._count

    def find(self, path: bytes) -> Listed:
        found = self._ask(f"{_SELECT} WHERE path = ? ORDER BY id LIMIT 1", path)
        if not found:
            raise NotFound(f"There is no {shown(path)[:200]} in this archive.")
        return found[0]

    def content_of(self, folder: Listed, after: int | None = None) -> Page:
        """Folders first, then by name."""
        found = self._ask(
            f"{_SELECT} WHERE parent = ? AND (below, name, id) > (?, ?, ?) "
            "ORDER BY below, name, id LIMIT ?",
            folder.id,
            *self._place_of(folder, after),
            PAGE + 1,
        )
        return _page(found)

    def search(self, word: str, after: int = 0) -> Page:
        """Whose path has the word in it, upper or lower case, in the order of the manifest."""
        wanted = folded(word.encode("utf-8", "surrogateescape"))
        found = self._ask(
            f"{_SELECT} WHERE id > ? AND instr(words, ?) ORDER BY id LIMIT ?",
            after,
            wanted,
            PAGE + 1,
        )
        return _page(found)

    def tree(self, folder: Listed) -> Iterator[Entry]:
        """The folder and everything below it, in the order of the manifest."""
        last, path = folder.id - 1, folder.entry.path
        while batch := self._ask(f"{_SELECT} WHERE id > ? ORDER BY id LIMIT ?", last, _A_BATCH):
            for row in batch:
                inside = not path or row.entry.path == path
                if not inside and not row.entry.path.startswith(path + b"/"):
                    return
                yield row.entry
            last = batch[-1].id

    def resolve(self, entry: Entry) -> Entry:
        """The file itself of which a hard link is one more name."""
        return self.find(entry.target).entry if entry.kind == HARD else entry

    def _place_of(self, folder: Listed, after: int | None) -> tuple[int, str, int]:
        if after is None:
            return (-1, "", 0)
        with self._lock:
            known = self._db.execute(
                "SELECT below, name, id FROM paths WHERE id = ? AND parent = ?", (after, folder.id)
            ).fetchone()
        if known is None:
            raise NotFound("The address of this page is damaged; start from the first page.")
        return known  # type: ignore[no-any-return]

    def _ask(self, statement: str, *values: object) -> list[Listed]:
        with self._lock:
            rows = self._db.execute(statement, values).fetchall()
        return [_listed(*row) for row in rows]


def _rows(entries: Iterable[Entry]) -> Iterator[tuple[object, ...]]:
    """Of the folders only those on the way down are in memory: the walk has one fixed order."""
    way: list[tuple[bytes, int]] = []
    for number, entry in enumerate(entries, start=1):
        parent, _, name = entry.path.rpartition(b"/")
        while way and way[-1][0] != parent:
            way.pop()
        is_root, odd = not entry.path, entry.path.startswith(b"/") or name in _NO_NAMES
        if bool(way) is is_root or is_root is not (number == 1) or (odd and not is_root):
            raise Damaged(f"{shown(entry.path)!a} has no place in the manifest's order.")
        below = 0 if entry.kind == FOLDER else 1
        yield (
            *_row(number, entry),
            way[-1][1] if way else 0,
            below,
            folded(name),
            folded(entry.path),
        )
        if entry.kind == FOLDER:
            way.append((entry.path, number))


def _row(number: int, entry: Entry) -> tuple[object, ...]:
    place = entry.place
    at = (None,) * 4 if place is None else (place.archive, place.pack, place.offset, place.last)
    if place is not None and not place.archive.isalnum():
        raise Damaged(f"{shown(entry.path)!a} lies in no archive.")
    data = None if entry.data is None else json.dumps(entry.data)
    return (
        number,
        entry.path,
        entry.kind,
        entry.mode,
        entry.uid,
        entry.gid,
        entry.mtime,
        entry.size,
        entry.target,
        entry.device,
        entry.sha256,
        data,
        *at,
    )


def _listed(
    number: int,
    path: bytes,
    kind: str,
    mode: int,
    uid: int,
    gid: int,
    mtime: int,
    size: int,
    target: bytes,
    device: int,
    sha256: str,
    data: str | None,
    *at: Any,
) -> Listed:
    stretches = None if data is None else [(begin, length) for begin, length in json.loads(data)]
    place = None if at[0] is None else Place(*at)
    known = (path, kind, mode, uid, gid, mtime, size, target, device, sha256, stretches, place)
    return Listed(number, Entry(*known))


def _page(found: list[Listed]) -> Page:
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)
