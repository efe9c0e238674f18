"""The files of one archive: found in its manifest, read from its packs, nothing unpacked here.

Everything streams. A file whose bytes are not what was archived does not come to an end: its
last piece is held back until its hash is known.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from archiver import tape
from archiver.entries import FILE, FOLDER, HARD, SOCKET, Entry
from archiver.errors import Trouble
from archiver.manifest import Reader
from archiver.unpacking import Packs, content
from jarvis_admin.config import Settings
from jarvis_admin.domain.file_names import shown
from jarvis_admin.errors import Conflict, NotFound
from jarvis_admin.models import Archive, Workspace
from jarvis_admin.services import archive_checks, archives
from jarvis_admin.services.archive_checks import Unsound
from jarvis_admin.services.archive_index import Index, Listed
from jarvis_admin.services.archive_keys import ArchiveKeys
from jarvis_admin.services.archive_tickets import manifest_key
from jarvis_admin.storage import ObjectStore

_ZEROS = bytes(256 * 1024)


@dataclass(frozen=True)
class Readable:
    """An archive with what opens it; held in memory alone."""

    id: str
    folder: str
    shows: datetime
    keys_of: Callable[[str], ArchiveKeys]


def open_archive(
    session: Session, workspace: Workspace, archive_id: str, settings: Settings
) -> Readable:
    """Raises NotFound for another user's, Conflict for one without files or with a lost key."""
    row = session.get(Archive, archive_id) if archive_id.isalnum() else None
    owner = session.get(Workspace, row.workspace_id) if row is not None else None
    if row is None or owner is None or not _same_user(owner, workspace):
        raise NotFound(f"{workspace.handle} has no archive {archive_id[:32]}.")
    if row.state != "stored":
        raise Conflict(
            f"This archive is {row.state}: it has no files to look at. {row.error}".strip()
        )
    if row.gone_at is not None:
        raise Conflict(f"This archive was removed from the store on {row.gone_at:%d %B %Y}.")
    keys = archives.keys(session, row, settings)
    return Readable(row.id, row.folder, row.snapshot_at or row.started_at, keys.of)


def read_index(store: ObjectStore, archive: Readable) -> Index:
    """The whole manifest, once. Raises Unsound, or StoreError when the store is silent."""
    sealed = archive_checks.stream(store, manifest_key(archive.folder))
    try:
        return Index(Reader(sealed, archive.keys_of(archive.id).manifest, archive.id))
    except Trouble as trouble:
        raise Unsound(str(trouble)) from trouble


def file_of(index: Index, path: bytes) -> Entry:
    """The file of that name, also by a hard link. Raises NotFound, Conflict for other kinds."""
    entry = index.find(path).entry
    file = index.resolve(entry)
    if file.kind != FILE:
        raise Conflict(f"{shown(path)[:200]} is a {file.kind}: only files can be downloaded.")
    return replace(file, path=path)


def folder_of(index: Index, path: bytes) -> Listed:
    found = index.find(path)
    if found.entry.kind != FOLDER:
        raise Conflict(f"{shown(path)[:200]} is a {found.entry.kind}, not a folder.")
    return found


def stream_file(store: ObjectStore, archive: Readable, entry: Entry) -> Iterator[bytes]:
    """Its bytes, holes as zeros. Raises Unsound in place of the last piece."""
    waiting = b""
    for piece in _told(_dense(entry, _packs(store, archive))):
        if waiting:
            yield waiting
        waiting = piece
    yield waiting


def stream_tar(
    store: ObjectStore, archive: Readable, index: Index, folder: Listed
) -> Iterator[bytes]:
    """A plain tar of a folder, named by the folder itself. Raises Unsound where it is damaged:
    a tar without its end is not taken for whole."""
    packs, path = _packs(store, archive), folder.entry.path
    above = path.rpartition(b"/")[0]
    skip = len(above) + 1 if above else 0
    for entry in index.tree(folder):
        if entry.kind == SOCKET:
            continue
        if entry.kind == HARD and not _is_below(entry.target, path):
            entry = replace(index.resolve(entry), path=entry.path)  # its other name stays behind
        target = entry.target[skip:] if entry.kind == HARD else entry.target
        yield tape.header(replace(entry, path=entry.path[skip:], target=target))
        if entry.kind == FILE:
            yield from _told(piece for _, piece in content(entry, packs))
            yield tape.padding(entry.stored)
    yield tape.END


def _packs(store: ObjectStore, archive: Readable) -> Packs:
    fetch = archive_checks.fetcher(store, archive.folder)
    return Packs(fetch, lambda one: archive.keys_of(one).packs)


def _dense(entry: Entry, packs: Packs) -> Iterator[bytes]:
    done = 0
    for offset, piece in content(entry, packs):
        yield from _hole(offset - done)
        yield piece
        done = offset + len(piece)
    yield from _hole(entry.size - done)


def _hole(length: int) -> Iterator[bytes]:
    while length > 0:
        yield _ZEROS[:length]
        length -= len(_ZEROS)


def _told(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except Trouble as trouble:
        raise Unsound(str(trouble)) from trouble


def _is_below(path: bytes, folder: bytes) -> bool:
    return not folder or path.startswith(folder + b"/")


def _same_user(owner: Workspace, workspace: Workspace) -> bool:
    """A user's earlier, destroyed workspaces had archives too."""
    return owner.id == workspace.id or (
        owner.user_id is not None and owner.user_id == workspace.user_id
    )
