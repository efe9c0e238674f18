"""Which paths are one file: in a table on disk, for a volume may have a million of them."""

import os
import stat

from archiver.scratch import Scratch


class HardLinks(Scratch):
    schema = "CREATE TABLE seen (inode INTEGER PRIMARY KEY, path BLOB)"

    def first(self, path: bytes, found: os.stat_result) -> bytes | None:
        """The path under which this file came before; None: now is the first time.

        A volume is one file system, so the inode's number will do.
        """
        if found.st_nlink < 2 or stat.S_ISDIR(found.st_mode):
            return None
        inode = found.st_ino - 2**63  # SQLite's numbers have a sign
        row = self.table.execute("SELECT path FROM seen WHERE inode = ?", (inode,)).fetchone()
        if row is not None:
            return bytes(row[0])
        self.table.execute("INSERT INTO seen VALUES (?, ?)", (inode, path))
        return None
