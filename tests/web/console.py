"""A browser without script: asks for pages and fragments, and sends forms with their token."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Console:
    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._token = ""

    def get(self, path: str, *, fragment: bool = False, **headers: str) -> TestResponse:
        return self.client.get(path, headers=_headers(fragment, headers))

    def post(self, path: str, *, fragment: bool = False, **form: Any) -> TestResponse:
        """As the form of a page would; a `csrf_token` of one's own takes the place of its."""
        form = {"csrf_token": self._token or self._read_token(), **form}
        return self.client.post(path, data=form, headers=_headers(fragment, {}))

    def _read_token(self) -> str:
        found = _TOKEN.search(self.client.get("/machines", follow_redirects=True).text)
        self._token = found[1] if found else ""
        return self._token


def _headers(fragment: bool, others: dict[str, str]) -> dict[str, str]:
    """`If_None_Match="…"` is written with dashes."""
    htmx = {"HX-Request": "true"} if fragment else {}
    return htmx | {name.replace("_", "-"): value for name, value in others.items()}
