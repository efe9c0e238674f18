"""`python -m archiver`: one run by the ticket in the environment; the exit code tells the end.

Without a word it makes an archive, with `restore` it unpacks one.
"""

import errno
import gc
import os
import sys
import tempfile

from archiver import restore_ticket
from archiver.earlier import Earlier
from archiver.errors import Code, Trouble
from archiver.making import Maker
from archiver.manifest import Reader, Sums, Writer
from archiver.packing import Packer
from archiver.restoring import restore
from archiver.ticket import Ticket, pack_urls, read
from archiver.web import get, put

# Entries come and go by the million and form no circles: look for these seldom.
_ENTRIES_BETWEEN_LOOKS = 100_000
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def main(words: list[str]) -> int:
    gc.set_threshold(_ENTRIES_BETWEEN_LOOKS)
    try:
        print(_restore() if words == ["restore"] else _archive(), file=sys.stderr)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return trouble.code
    except OSError as error:
        full = error.errno in _FULL
        what = "There is no room left" if full else "The volume cannot be read or written"
        print(f"{what}: {error}.", file=sys.stderr)
        return Code.NO_ROOM if full else Code.UNREADABLE
    return Code.DONE


def _archive() -> str:
    sums = run(read(os.environ))
    return (
        f"{sums.entries} paths, {sums.bytes} bytes in {sums.files} files, of which "
        f"{sums.reused} were stored already; {len(sums.packs)} packs."
    )


def _restore() -> str:
    count = restore(restore_ticket.read(os.environ))
    return f"{count} paths stand on the volume as the archive holds them."


def run(ticket: Ticket) -> Sums:
    """The manifest goes last: where it is, everything is."""
    urls = pack_urls(ticket)

    def send(_number: int, sealed: bytearray) -> None:
        url = next(urls, None)
        if url is None:
            raise Trouble(Code.REFUSED, "The volume needs more packs than its size allows.")
        put(url, sealed, len(sealed))

    with (
        tempfile.TemporaryFile() as scroll,
        tempfile.TemporaryFile() as before,
        Packer(ticket.packs_key, ticket.archive, send) as packer,
    ):
        earlier = Earlier()
        if ticket.base is not None:
            for chunk in get(ticket.base.manifest_url):
                before.write(chunk)
            before.seek(0)
            chunks = iter(lambda: before.read(1024 * 1024), b"")
            earlier = Earlier(Reader(chunks, ticket.base.manifest_key, ticket.base.archive))
        writer = Writer(scroll, ticket.manifest_key, ticket.archive)
        sums = Maker(os.fsencode(ticket.root), packer, earlier).make(writer)
        put(ticket.manifest_url, scroll, scroll.seek(0, os.SEEK_END))
    return sums


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
