"""Signed URLs for the local folder: one object, one verb, until an instant, up to a size."""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MOST_BYTES = 64 * 1024 * 1024  # one PUT; a pack is a quarter of it
MANIFEST_BYTES = 4 * 1024 * 1024 * 1024


@dataclass(frozen=True)
class Permit:
    verb: str
    key: str
    until: int  # epoch seconds
    limit: int  # bytes


class Permits:
    def __init__(self, secret_key: str) -> None:
        """Not the key that signs cookies itself: a leak of one must not open the other."""
        derived = HKDF(SHA256(), length=32, salt=None, info=b"jarvis-admin object store gate")
        self._key = derived.derive(secret_key.encode())

    def url(self, gate: str, permit: Permit) -> str:
        query = {"until": permit.until, "limit": permit.limit, "signature": self._sign(permit)}
        return f"{gate}/{quote(permit.key)}?{urlencode(query)}"

    def read(self, verb: str, path: str, query: str, now: float) -> Permit | None:
        """None for what we did not sign, for another verb or object, and for what is over.

        `path` is unquoted already.
        """
        given = {name: values[-1] for name, values in parse_qs(query).items()}
        try:
            until, limit = int(given["until"]), int(given["limit"])
            permit = Permit(verb, path.strip("/"), until, limit)
        except (KeyError, ValueError):
            return None
        signed = hmac.compare_digest(self._sign(permit), given.get("signature", ""))
        return permit if signed and now < permit.until else None

    def _sign(self, permit: Permit) -> str:
        message = f"{permit.verb}\n{permit.key}\n{permit.until}\n{permit.limit}"
        return hmac.new(self._key, message.encode(), hashlib.sha256).hexdigest()
