"""One SQLite file that remembers every object: one row each, rewritten as it changes."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
  kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID
"""
_PUT = "INSERT OR REPLACE INTO objects (kind, id, body) VALUES (?, ?, ?)"


class Store:
    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing this way; only a power cut could.
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(_SCHEMA)

    def put(self, kind: str, key: str, value: msgspec.Struct) -> None:
        self._db.execute(_PUT, (kind, key, msgspec.json.encode(value)))

    def put_many(self, rows: Iterable[tuple[str, str, msgspec.Struct]]) -> None:
        """All of them in one transaction."""
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                _PUT, ((kind, key, msgspec.json.encode(value)) for kind, key, value in rows)
            )

    def delete(self, kind: str, key: str) -> None:
        self._db.execute("DELETE FROM objects WHERE kind = ? AND id = ?", (kind, key))

    def load(self, kind: str, type_: type[T]) -> Iterator[T]:
        decoder = msgspec.json.Decoder(type_)
        for (body,) in self._db.execute("SELECT body FROM objects WHERE kind = ?", (kind,)):
            yield decoder.decode(body)

    def close(self) -> None:
        self._db.close()
