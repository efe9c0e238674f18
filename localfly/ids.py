"""Ids and instants in the forms that Fly writes them."""

import secrets
import time
from datetime import UTC, datetime, timedelta

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOWER = "0123456789abcdefghijklmnopqrstuvwxyz"
_MIXED = _LOWER + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class _Ulids:
    """Strictly growing within one process, so that events sort by id."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        number = (now_ms() << 80) | secrets.randbits(80)
        if number <= self._last:
            number = self._last + 1
        self._last = number
        return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


_ulids = _Ulids()


def ulid() -> str:
    return _ulids.next()


def machine_id() -> str:
    return secrets.token_hex(7)


def volume_id() -> str:
    return "vol_" + _random(_LOWER, 16)


def snapshot_id() -> str:
    return "vs_" + _random(_MIXED, 24)


def app_id() -> str:
    return _random(_LOWER, 16)


def zone() -> str:
    return secrets.token_hex(2)


def nonce() -> str:
    return secrets.token_hex(6)


class _Clock:
    """The system's, or as far ahead of it as a test wants to be."""

    ahead_ms = 0


def now_ms() -> int:
    return time.time_ns() // 1_000_000 + _Clock.ahead_ms


def set_ahead(span: timedelta) -> None:
    _Clock.ahead_ms = span // timedelta(milliseconds=1)


def rfc3339(ms: int) -> str:
    """To the second, as machines carry it."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_ms(ms: int) -> str:
    """To the millisecond, as volumes and exit events carry it."""
    return f"{rfc3339(ms)[:-1]}.{ms % 1000:03d}Z"


def parse_instant(text: str) -> int:
    """Epoch milliseconds; raises ValueError for anything that is not RFC 3339."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return int(instant.timestamp() * 1000)


def _random(alphabet: str, length: int) -> str:
    return "".join(alphabet[byte % len(alphabet)] for byte in secrets.token_bytes(length))
