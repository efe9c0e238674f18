"""Which paths are one file: in a table on disk, for a volume may have a million of them."""

import os
import sqlite3
import stat
import tempfile
from types import TracebackType
from typing import Self


class HardLinks:
    def __enter__(self) -> Self:
        self._file = tempfile.NamedTemporaryFile(prefix="links-")
        self._table = sqlite3.connect(self._file.name, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2000"):
            self._table.execute(f"PRAGMA {setting}")
        self._table.execute("CREATE TABLE seen (inode INTEGER PRIMARY KEY, path BLOB)")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._table.close()
        self._file.close()

    def first(self, path: bytes, found: os.stat_result) -> bytes | None:
        """The path under which this file came before; None: now is the first time.

        A volume is one file system, so the inode's number will do.
        """
        if found.st_nlink < 2 or stat.S_ISDIR(found.st_mode):
            return None
        inode = found.st_ino - 2**63  # SQLite's numbers have a sign
        row = self._table.execute("SELECT path FROM seen WHERE inode = ?", (inode,)).fetchone()
        if row is not None:
            return bytes(row[0])
        self._table.execute("INSERT INTO seen VALUES (?, ?)", (inode, path))
        return None
