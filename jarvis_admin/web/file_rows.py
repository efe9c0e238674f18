"""Files of an archive as their list shows them."""

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import url_for

from archiver.entries import BLOCK, CHAR, FILE, FOLDER, HARD, LINK, PIPE, SOCKET, Entry
from jarvis_admin.domain.file_names import shown
from jarvis_admin.services.archive_index import Listed
from jarvis_admin.web.file_paths import with_path

_WORDS = {
    FOLDER: "Folder",
    FILE: "File",
    LINK: "Link",
    HARD: "Hard link",
    PIPE: "Pipe",
    CHAR: "Device",
    BLOCK: "Device",
    SOCKET: "Socket",
}
_TYPES = {FOLDER: stat.S_IFDIR, LINK: stat.S_IFLNK, PIPE: stat.S_IFIFO, SOCKET: stat.S_IFSOCK}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    name: str
    word: str
    url: str  # of the folder's content, or of the file; empty: there is nothing to open
    is_folder: bool
    size: int | None
    modified: datetime | None
    mode: str
    owner: str
    target: str


@dataclass(frozen=True)
class Crumb:
    name: str
    url: str


@dataclass(frozen=True)
class Addresses:
    """Of one archive's pages."""

    handle: str
    archive_id: str

    def files(self, path: bytes = b"") -> str:
        return self._of("files", path)

    def file(self, path: bytes) -> str:
        return self._of("file", path)

    def tar(self, path: bytes = b"") -> str:
        return self._of("tar", path)

    def _of(self, view: str, path: bytes) -> str:
        url = url_for(f"archive_files.{view}", handle=self.handle, archive_id=self.archive_id)
        return with_path(url, path)


def prepare(found: Iterable[Listed], at: Addresses, whole_paths: bool) -> list[Row]:
    return [_row(listed.entry, at, whole_paths) for listed in found]


def crumbs(path: bytes, at: Addresses) -> Iterator[Crumb]:
    """From the archive's top down to the folder itself."""
    yield Crumb("All files", at.files())
    names = path.split(b"/") if path else []
    for depth, name in enumerate(names, start=1):
        yield Crumb(shown(name), at.files(b"/".join(names[:depth])))


def _row(entry: Entry, at: Addresses, whole_path: bool) -> Row:
    name = entry.path if whole_path else entry.path.rpartition(b"/")[2]
    return Row(
        name=shown(name) or "All files",
        word=_WORDS.get(entry.kind, shown(entry.kind.encode("utf-8", "replace"))[:20]),
        url=_url(entry, at),
        is_folder=entry.kind == FOLDER,
        size=entry.size if entry.kind == FILE else None,
        modified=_instant(entry.mtime),
        mode=stat.filemode(_TYPES.get(entry.kind, stat.S_IFREG) | (entry.mode & 0o7777)),
        owner=f"{entry.uid}:{entry.gid}",
        target=shown(entry.target),
    )


def _url(entry: Entry, at: Addresses) -> str:
    if entry.kind == FOLDER:
        return at.files(entry.path)
    return at.file(entry.path) if entry.kind in (FILE, HARD) else ""


def _instant(nanoseconds: int) -> datetime | None:
    """None for one that no calendar holds: a disk may say anything."""
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return None
