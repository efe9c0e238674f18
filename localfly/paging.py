"""Cursor pages over everything in the organization, in the order of its last change."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from aiohttp import web

from localfly.errors import bad_request
from localfly.http import number
from localfly.ids import parse_instant
from localfly.updated import Key, UpdatedIndex

T = TypeVar("T")

_SCANNED_PER_ROW = 10  # a page stops looking after so many rows that filters held back


class Cursor(msgspec.Struct):
    u: int
    i: str


@dataclass(frozen=True)
class Page:
    keys: list[Key]
    next_cursor: str


def page(
    request: web.Request, index: UpdatedIndex, wanted: Callable[[str], bool], most: int
) -> Page:
    """May be short, even empty, while more remain: only an empty cursor is the end."""
    limit = number(request, "limit", most)
    limit = min(limit, most) if limit > 0 else most
    keys: list[Key] = []
    last = _position(request)
    for scanned, key in enumerate(index.after(last)):
        if len(keys) == limit or scanned == limit * _SCANNED_PER_ROW:
            return Page(keys, _encoded(last))
        last = key
        if wanted(key[1]):
            keys.append(key)
    return Page(keys, "")


def _position(request: web.Request) -> Key:
    """Where to go on: the cursor wins over `updated_after`."""
    cursor, after = request.query.get("cursor"), request.query.get("updated_after")
    try:
        if cursor:
            position = msgspec.json.decode(base64.urlsafe_b64decode(cursor), type=Cursor)
            return position.u, position.i
        return (parse_instant(after), "~") if after else (0, "")
    except (ValueError, msgspec.MsgspecError) as error:
        raise bad_request(f"invalid position: {error}") from error


def _encoded(key: Key) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(Cursor(*key))).decode()
