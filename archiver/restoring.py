"""Restoring an archive onto an empty volume, and proving that it stands there.

It may be killed and begun anew at any moment, and destroys nothing that it did not unpack itself.
"""

import itertools
import os
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

from archiver import standing
from archiver.comparing import compare
from archiver.entries import Entry, raw
from archiver.errors import Code, Differs, Trouble
from archiver.manifest import Reader
from archiver.restore_ticket import PackUrls, RestoreTicket
from archiver.selection import Wish, select
from archiver.standing import Standing
from archiver.unpacking import Packs, dress, unpack
from archiver.web import get


def restore(ticket: RestoreTicket) -> int:
    """How many paths stand on the volume as the archive holds them."""
    with tempfile.TemporaryFile() as scroll:
        for chunk in get(ticket.manifest_url):
            scroll.write(chunk)
        return _Restore(ticket, scroll).run()


class _Restore:
    def __init__(self, ticket: RestoreTicket, scroll: BinaryIO) -> None:
        self._ticket, self._scroll = ticket, scroll
        self._root, self._archive = os.fsencode(ticket.root), ticket.archive
        self._wish = Wish(map(raw, ticket.only))

    def run(self) -> int:
        match standing.look(self._root, self._archive):
            case Standing.ANOTHER:
                return self._accept()
            case Standing.BEGUN:
                standing.clear(self._root, self._archive)
            case Standing.NOTHING:
                standing.mark(self._root, self._archive)
        unpack(self._entries(), self._packs(), self._root)
        os.sync()  # so that no crash of the machine can keep the marker's end and lose a file
        os.unlink(standing.marker(self._root, self._archive))
        try:
            return self._finish()
        except Differs:
            # All that stands here is ours: whoever tries again begins anew.
            standing.mark(self._root, self._archive)
            raise

    def _finish(self) -> int:
        """The root's own time comes last, for the marker's end has changed it."""
        dress(self._root, next(self._entries()))
        return compare(self._entries(), self._root, self._wish)

    def _accept(self) -> int:
        """A run that was cut short after its marker had gone may have left all but the root's
        own time; anything else is not ours to touch."""
        try:
            below = compare(self._below_root(), self._root, self._wish)
        except Differs as difference:
            sentence = f"The volume is not empty and was left as it is: {difference}"
            raise Trouble(Code.NOT_EMPTY, sentence) from difference
        dress(self._root, next(self._entries()))
        return below + 1

    def _entries(self) -> Iterator[Entry]:
        return select(self._manifest, self._wish)

    def _below_root(self) -> Iterator[Entry]:
        return itertools.islice(self._entries(), 1, None)

    def _manifest(self) -> Reader:
        self._scroll.seek(0)
        chunks = iter(lambda: self._scroll.read(256 * 1024), b"")
        return Reader(chunks, self._ticket.manifest_key, self._archive)

    def _packs(self) -> Packs:
        urls = PackUrls(self._ticket)
        return Packs(lambda archive, number: get(urls.of(archive, number)), self._ticket.key_of)
