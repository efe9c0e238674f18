"""Reading requests and writing answers as JSON."""

from typing import TypeVar

import msgspec
from aiohttp import web

from localfly.errors import ApiError, bad_request

T = TypeVar("T")


def answer(body: object, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json"
    )


def ok() -> web.Response:
    return answer({"ok": True})


async def read(request: web.Request, type_: type[T]) -> T:
    """The body, which has to be there; keys we do not know are ignored."""
    body = await request.read()
    if not body:
        raise ApiError(400, "EOF")
    return decode(body, type_)


async def read_optional(request: web.Request, type_: type[T]) -> T:
    """The body, or what an empty object would give."""
    return decode(await request.read() or b"{}", type_)


def decode(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.MsgspecError as error:
        raise bad_request(str(error)) from error


def flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() in ("true", "1")


def words(request: web.Request, name: str) -> set[str]:
    """A query value that may be repeated, and may be a comma list each time."""
    found = (word.strip() for value in request.query.getall(name, []) for word in value.split(","))
    return {word for word in found if word}


def number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return default
    try:
        return int(text.removesuffix("s"))
    except ValueError:
        raise bad_request(f"invalid {name} {text!r}") from None
