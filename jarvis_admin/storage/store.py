"""One store, opened from OBJECT_STORE_URL."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, Literal
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store, from_url
from obstore.store import ObjectStore as AnyStore

from jarvis_admin.config import Settings
from jarvis_admin.storage.errors import NoSuchObject, StoreError
from jarvis_admin.storage.permits import MOST_BYTES, Permit, Permits

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_CHUNK = 1024 * 1024
_SIGNING = (S3Store, GCSStore, AzureStore)
_PATIENCE: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}

Verb = Literal["GET", "PUT"]


@dataclass(frozen=True)
class Object:
    key: str
    size: int
    changed_at: datetime


class ObjectStore:
    """Keys are paths with slashes. Every method raises StoreError with a sentence.

    Thread safe; the store's own keys come from the environment (AWS_ACCESS_KEY_ID …) and never
    leave this object: others get URLs for one object.
    """

    def __init__(self, store: AnyStore, permits: Permits, gate: str) -> None:
        self._store, self._permits, self._gate = store, permits, gate

    @property
    def is_local(self) -> bool:
        return isinstance(self._store, LocalStore)

    def probe(self) -> None:
        """Raises StoreError unless it answers."""
        next(self.list("probe"), None)

    def put(self, key: str, content: bytes | BinaryIO | Iterator[bytes]) -> None:
        """All of it or nothing; what is streamed goes in parts."""
        with _told("store", key):
            obstore.put(self._store, key, content)

    def get(self, key: str) -> bytes:
        """All at once: for what is small."""
        with _told("read", key):
            return bytes(obstore.get(self._store, key).bytes())

    def stream(self, key: str) -> Iterator[bytes]:
        with _told("read", key):
            for chunk in obstore.get(self._store, key).stream(_CHUNK):
                yield bytes(chunk)

    def size(self, key: str) -> int:
        with _told("find", key):
            return int(obstore.head(self._store, key)["size"])

    def list(self, prefix: str) -> Iterator[Object]:
        """Everything below a folder, in no order."""
        with _told("list", prefix):
            for batch in obstore.list(self._store, prefix):
                for row in batch:
                    yield Object(row["path"], row["size"], row["last_modified"])

    def delete(self, key: str) -> None:
        """What is not there is fine."""
        try:
            with _told("delete", key):
                obstore.delete(self._store, key)
        except NoSuchObject:
            return

    def url(self, verb: Verb, key: str, lifetime: timedelta, limit: int = MOST_BYTES) -> str:
        """With it anybody may do just this until then.

        Only a local folder's gate enforces `limit`: sizes in a bucket are checked when
        everything has arrived.
        """
        if isinstance(self._store, _SIGNING):
            with _told("sign", key):
                return obstore.sign(self._store, verb, key, lifetime)
        until = int(time.time() + lifetime.total_seconds())
        return self._permits.url(self._gate, Permit(verb, key, until, limit))


def open_store(settings: Settings) -> ObjectStore:
    url = settings.object_store_url
    permits, gate = Permits(settings.secret_key), settings.object_store_gate.rstrip("/")
    try:
        if urlsplit(url).scheme == "file":
            return ObjectStore(LocalStore.from_url(url, mkdir=True), permits, gate)
        opened = from_url(url, client_options=_silence(), retry_config=_PATIENCE)
    except (BaseError, OSError, ValueError) as error:
        raise StoreError(f"OBJECT_STORE_URL does not name a store: {_first(error)}") from error
    return ObjectStore(opened, permits, gate)


def _silence() -> "ClientConfig":
    """How long nothing may come; plain HTTP only for a server on this machine or in tests."""
    return {
        "timeout": timedelta(seconds=60),
        "connect_timeout": timedelta(seconds=10),
        "allow_http": True,
    }


@contextmanager
def _told(verb: str, key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NoSuchObject(f"The object store has no {key}.") from error
    except (BaseError, OSError, ValueError) as error:
        raise StoreError(f"The object store could not {verb} {key}: {_first(error)}") from error


def _first(error: Exception) -> str:
    """Its first line, short: the rest is the store's own diary."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
