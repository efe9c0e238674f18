"""/machines/<handle>/archives/<id>/files: what an archive holds, one file of it, a folder as tar.

Whoever looks leaves a trace: the list once an hour, each download by its path.
"""

from datetime import UTC, datetime

from flask import Blueprint, Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue

from jarvis_admin.domain.file_names import shown
from jarvis_admin.domain.rights import Right
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Workspace
from jarvis_admin.services import archive_files, file_trail, workspaces
from jarvis_admin.services.archive_files import Readable
from jarvis_admin.services.archive_index import Index, Listed, Page
from jarvis_admin.services.archive_shelf import Shelf
from jarvis_admin.web import downloads, file_rows
from jarvis_admin.web.access import needs, staff
from jarvis_admin.web.file_paths import asked_path
from jarvis_admin.web.file_rows import Addresses
from jarvis_admin.web.session import db_reader, db_session
from jarvis_admin.web.stores import object_store

_LONGEST_WORD = 200

bp = Blueprint("archive_files", __name__, url_prefix="/machines/<handle>/archives/<archive_id>")


def init_app(app: Flask) -> None:
    app.extensions["archive_shelf"] = Shelf()
    app.register_blueprint(bp)


@bp.get("/files")
@needs(Right.FILES_READ)
def files(handle: str, archive_id: str) -> ResponseReturnValue:
    now, word = datetime.now(UTC), request.args.get("q", "").strip()[:_LONGEST_WORD]
    archive, index = _open(handle, archive_id)
    folder = archive_files.folder_of(index, asked_path())
    page = _page(index, folder, word)
    _note_look(handle, archive, now)
    at = Addresses(handle, archive.id)
    return render_template(
        "archive_files/index.html",
        archive=archive,
        at=at,
        crumbs=list(file_rows.crumbs(folder.entry.path, at)),
        first=at.files(folder.entry.path) if "after" in request.args else "",
        handle=handle,
        next=page.next,
        now=now,
        path=folder.entry.path,
        rows=file_rows.prepare(page.rows, at, whole_paths=bool(word)),
        word=word,
    )


@bp.get("/file")
@needs(Right.FILES_READ)
def file(handle: str, archive_id: str) -> ResponseReturnValue:
    archive, index = _open(handle, archive_id)
    entry = archive_files.file_of(index, asked_path())
    _note(handle, archive, "file", entry.path)
    pieces = archive_files.stream_file(object_store(), archive, entry)
    name = entry.path.rpartition(b"/")[2]
    return downloads.send(pieces, name, "application/octet-stream", entry.size)


@bp.get("/tar")
@needs(Right.FILES_READ)
def tar(handle: str, archive_id: str) -> ResponseReturnValue:
    archive, index = _open(handle, archive_id)
    folder = archive_files.folder_of(index, asked_path())
    _note(handle, archive, "folder", folder.entry.path)
    pieces = archive_files.stream_tar(object_store(), archive, index, folder)
    name = folder.entry.path.rpartition(b"/")[2] or f"{handle}-{archive.shows:%Y-%m-%d}".encode()
    return downloads.send(pieces, name + b".tar", "application/x-tar")


def _open(handle: str, archive_id: str) -> tuple[Readable, Index]:
    """The row and its key are asked each time: a list that is at hand opens nothing by itself."""
    settings = current_app.extensions["settings"]
    workspace: Workspace = workspaces.get(db_reader(), handle)
    archive = archive_files.open_archive(db_reader(), workspace, archive_id, settings)
    shelf: Shelf = current_app.extensions["archive_shelf"]
    store = object_store()
    return archive, shelf.get(archive.id, lambda: archive_files.read_index(store, archive))


def _page(index: Index, folder: Listed, word: str) -> Page:
    after = request.args.get("after", "")
    if after and not (after.isascii() and after.isdecimal() and len(after) < 16):
        raise Invalid("The address of this page is damaged; start from the first page.")
    if word:
        return index.search(word, int(after or 0))
    return index.content_of(folder, int(after) if after else None)


def _note_look(handle: str, archive: Readable, now: datetime) -> None:
    """Most clicks only read: on SQLite they wait for no writer."""
    by = staff().name
    if not file_trail.was_listed(db_reader(), handle, archive.id, by=by, now=now):
        file_trail.listed(db_session(), handle, archive.id, by=by, now=now)
        db_session().commit()


def _note(handle: str, archive: Readable, what: str, path: bytes) -> None:
    """In a transaction of its own, over before the first byte is sent."""
    file_trail.downloaded(
        db_session(),
        handle,
        archive.id,
        what=what,
        path=shown(path) or "all files",
        by=staff().name,
        now=datetime.now(UTC),
    )
    db_session().commit()
