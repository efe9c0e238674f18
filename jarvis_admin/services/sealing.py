"""Secrets that must be read again later: sealed in the database with a key of SECRET_KEY's."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jarvis_admin.errors import Conflict


def seal(secret_key: str, text: str) -> str:
    return _fernet(secret_key).encrypt(text.encode()).decode()


def unseal(secret_key: str, sealed: str) -> str:
    """Conflict when it was sealed with another SECRET_KEY."""
    try:
        return _fernet(secret_key).decrypt(sealed).decode()
    except InvalidToken as error:
        raise Conflict("It was sealed with another SECRET_KEY and cannot be read.") from error


@lru_cache(maxsize=4)
def _fernet(secret_key: str) -> Fernet:
    """Not the key that signs cookies itself: a leak of one must not open the other."""
    derived = HKDF(SHA256(), length=32, salt=None, info=b"jarvis-admin channel addresses")
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))
