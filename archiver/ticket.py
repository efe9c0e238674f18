"""The ticket: what this one run may do, and nothing else.

JSON in the environment of the machine. The URLs of the packs are many, so they lie in sealed
pages in the store; each page names the next.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archiver.errors import Code, Trouble
from archiver.sealed import derive, seal, unseal
from archiver.web import get

VARIABLE = "JARVIS_ARCHIVE"


@dataclass(frozen=True)
class Base:
    """The archive before, of which only the manifest is opened."""

    archive: str
    manifest_url: str
    manifest_key: bytes


@dataclass(frozen=True)
class Ticket:
    archive: str
    root: str
    packs_key: bytes
    manifest_key: bytes
    pages_url: str
    manifest_url: str
    base: Base | None = None

    def to_json(self) -> str:
        return json.dumps(
            {
                "archive": self.archive,
                "root": self.root,
                "packs_key": _text(self.packs_key),
                "manifest_key": _text(self.manifest_key),
                "pages_url": self.pages_url,
                "manifest_url": self.manifest_url,
                "base": self.base
                and {
                    "archive": self.base.archive,
                    "manifest_url": self.base.manifest_url,
                    "manifest_key": _text(self.base.manifest_key),
                },
            }
        )


def read(env: Mapping[str, str]) -> Ticket:
    try:
        line: dict[str, Any] = json.loads(env[VARIABLE])
        base = line.pop("base")
        return Ticket(**_keyed(line), base=Base(**_keyed(base)) if base else None)
    except (KeyError, TypeError, ValueError) as error:
        raise Trouble(Code.BAD_TICKET, f"The ticket in {VARIABLE} cannot be read.") from error


def seal_page(ticket_key: bytes, number: int, urls: list[str], following: str | None) -> bytes:
    page = json.dumps({"urls": urls, "next": following}).encode()
    return seal(page, derive(ticket_key, "pages"), f"page {number}")


def pack_urls(ticket: Ticket) -> Iterator[str]:
    """In the order of the packs, a page at a time."""
    key, url, number = derive(ticket.packs_key, "pages"), ticket.pages_url, 1
    while url:
        page = json.loads(b"".join(unseal(get(url), key, f"page {number}")))
        yield from page["urls"]
        url, number = page["next"], number + 1


def _keyed(line: dict[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64decode(value) if name.endswith("_key") else str(value)
        for name, value in line.items()
    }


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
