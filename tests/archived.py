"""Real archives in a real store, made without a machine."""

import io
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from archiver.earlier import Earlier
from archiver.making import Maker
from archiver.manifest import Reader, Writer
from archiver.packing import Packer
from jarvis_admin.config import Settings
from jarvis_admin.models import Archive, Workspace
from jarvis_admin.services import archive_checks, archives
from jarvis_admin.services.archive_tickets import manifest_key, pack_key
from jarvis_admin.storage import open_store
from tests.factories import NOON


def make_archive(
    session: Session,
    workspace: Workspace,
    settings: Settings,
    root: Path,
    *,
    pack_size: int = 1 << 20,
    now: datetime = NOON,
) -> Archive:
    """Of a tree on this disk, upon the archive before it."""
    store = open_store(settings)
    row = archives.begin(session, workspace, settings, now)
    ring = archives.keys(session, row, settings)
    keys, manifest = ring.of(row.id), io.BytesIO()

    def send(number: int, sealed: bytearray) -> None:
        store.put(pack_key(row.folder, number), bytes(sealed))

    earlier = Earlier()
    if row.base_id:
        before = store.stream(manifest_key(archive_checks.sibling(row.folder, row.base_id)))
        earlier = Earlier(Reader(before, ring.of(row.base_id).manifest, row.base_id))
    with Packer(keys.packs, row.id, send, pack_size) as packer:
        Maker(bytes(root), packer, earlier).make(Writer(manifest, keys.manifest, row.id))
    store.put(manifest_key(row.folder), manifest.getvalue())
    arrived = archive_checks.check_arrival(store, row.id, row.folder, ring.of)
    archives.stored(session, row.id, arrived, now)
    session.flush()
    return row
