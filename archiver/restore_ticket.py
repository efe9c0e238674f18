"""The ticket of a restore: one archive to be read, and the packs it needs of earlier ones.

JSON in the environment of the machine. The URLs of the packs lie in sealed pages in the store, in
the order in which the packs are used.
"""

import base64
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archiver.errors import Code, Trouble
from archiver.sealed import derive, seal, unseal
from archiver.web import get

VARIABLE = "JARVIS_RESTORE"

_PAGES_KEPT = 4

# Archive and number of a pack, and where it can be had.
PackUrl = tuple[str, int, str]


@dataclass(frozen=True)
class RestoreTicket:
    """`only` are paths, text as in the manifest; none: everything. Without packs no pages."""

    archive: str
    root: str
    manifest_url: str
    manifest_key: bytes
    packs_keys: dict[str, bytes]
    pages_url: str = ""
    only: tuple[str, ...] = ()

    def key_of(self, archive: str) -> bytes:
        """The key of its packs."""
        if archive not in self.packs_keys:
            raise Trouble(Code.BAD_TICKET, f"The ticket lacks the key of {archive}.")
        return self.packs_keys[archive]

    def to_json(self) -> str:
        keys = {archive: _text(key) for archive, key in self.packs_keys.items()}
        return json.dumps(
            {**vars(self), "manifest_key": _text(self.manifest_key), "packs_keys": keys}
        )


def read(env: Mapping[str, str]) -> RestoreTicket:
    try:
        line: dict[str, Any] = json.loads(env[VARIABLE])
        return RestoreTicket(
            archive=str(line["archive"]),
            root=str(line["root"]),
            manifest_url=str(line["manifest_url"]),
            manifest_key=base64.b64decode(line["manifest_key"]),
            packs_keys={name: base64.b64decode(key) for name, key in line["packs_keys"].items()},
            pages_url=str(line["pages_url"]),
            only=tuple(map(str, line["only"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Trouble(Code.BAD_TICKET, f"The ticket in {VARIABLE} cannot be read.") from error


def seal_page(manifest_key: bytes, number: int, packs: list[PackUrl], following: str) -> bytes:
    """`following` is the URL of the next page, empty for the last."""
    page = json.dumps({"packs": packs, "next": following}).encode()
    return seal(page, _pages_key(manifest_key), f"page {number}")


class PackUrls:
    """Quick when asked in the order of the pages, of which only the last few are kept."""

    def __init__(self, ticket: RestoreTicket) -> None:
        self._ticket = ticket
        self._coming = self._pages()
        self._kept: deque[dict[tuple[str, int], str]] = deque(maxlen=_PAGES_KEPT)

    def of(self, archive: str, number: int) -> str:
        wanted = (archive, number)
        for page in self._kept:
            if wanted in page:
                return page[wanted]
        for page in self._further():
            self._kept.append(page)
            if wanted in page:
                return page[wanted]
        raise Trouble(Code.BAD_TICKET, f"The ticket lacks pack {number} of {archive}.")

    def _further(self) -> Iterator[dict[tuple[str, int], str]]:
        """On to the end, and once more from the beginning."""
        yield from self._coming
        self._coming = self._pages()
        yield from self._coming

    def _pages(self) -> Iterator[dict[tuple[str, int], str]]:
        key, url, number = _pages_key(self._ticket.manifest_key), self._ticket.pages_url, 1
        while url:
            page = json.loads(b"".join(unseal(get(url), key, f"page {number}")))
            yield {(archive, pack): address for archive, pack, address in page["packs"]}
            url, number = page["next"], number + 1


def _pages_key(manifest_key: bytes) -> bytes:
    return derive(manifest_key, "restore pages")


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
