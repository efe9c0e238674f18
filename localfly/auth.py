"""Who may ask: one token, in every form that Fly takes."""

import hmac
import re

from aiohttp import web

from localfly.errors import forbidden, unauthorized

_SCHEME = re.compile(r"^\s*(?:(?:Bearer|FlyV1)\s+)*", re.IGNORECASE)


def tokens(header: str) -> list[str]:
    """`Bearer X`, `FlyV1 X`, `Bearer FlyV1 X`, and several X joined with commas."""
    return [_SCHEME.sub("", part).strip() for part in header.split(",")]


def check_token(request: web.Request, token: str) -> None:
    offered = tokens(request.headers.get("Authorization", ""))
    if not any(hmac.compare_digest(one.encode(), token.encode()) for one in offered):
        raise unauthorized()


def check_org(slug: str, org: str) -> None:
    if slug != org:
        raise forbidden()
