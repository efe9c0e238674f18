"""A form that is sent twice is carried out once: its key names the operations it asked for."""

import re
import secrets

from flask import request

_KEY = re.compile(r"[0-9a-f]{16}")


def new_key() -> str:
    return secrets.token_hex(8)


def sent_key() -> str | None:
    """The key of the form that was sent; None for one without, as in the rows of the list."""
    key = request.form.get("key", "")
    return key if _KEY.fullmatch(key) else None
