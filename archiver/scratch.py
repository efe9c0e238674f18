"""A table on the machine's own disk, for what may be too much for memory; gone when closed."""

import sqlite3
import tempfile
from types import TracebackType
from typing import ClassVar, Self


class Scratch:
    schema: ClassVar[str]

    def __enter__(self) -> Self:
        self._file = tempfile.NamedTemporaryFile(prefix="archiver-")
        self.table = sqlite3.connect(self._file.name, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2000"):
            self.table.execute(f"PRAGMA {setting}")
        self.table.execute(self.schema)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.table.close()
        self._file.close()
