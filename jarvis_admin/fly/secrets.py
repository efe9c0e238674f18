"""Secrets of an app. Values go in and never come out: not in a repr, a log or an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from jarvis_admin.fly.call import Call, path
from jarvis_admin.fly.types import Secret
from jarvis_admin.fly.types.record import Record
from jarvis_admin.fly.wire import Wire


class _Secrets(Record, frozen=True):
    secrets: tuple[Secret, ...] = ()


class _Version(Record, frozen=True):
    """Fly writes the figure twice."""

    version: int = 0
    capital: int = msgspec.field(name="Version", default=0)


@dataclass(frozen=True)
class Secrets:
    """`set_many` and `delete` return the version to pass as `min_secrets_version` later.

    They restart nothing: a machine sees new values at its next cold start or update, and a
    resumed one keeps the old.
    """

    _wire: Wire

    def set_many(self, app: str, values: Mapping[str, str | None]) -> int:
        """Sets those with a value and deletes those with None; the others stay."""
        hidden = tuple(value for value in values.values() if value)
        call = self._call("set", "POST", app, body={"values": dict(values)}, secrets=hidden)
        found = self._wire.read(call, _Version)
        return found.version or found.capital

    def list(self, app: str) -> tuple[Secret, ...]:
        return self._wire.read(self._call("list", "GET", app), _Secrets).secrets

    def delete(self, app: str, name: str) -> int:
        found = self._wire.read(self._call("delete", "DELETE", app, name), _Version)
        return found.version or found.capital

    def _call(self, verb: str, method: str, app: str, *tail: str, **rest: Any) -> Call:
        return Call(
            action=f"secrets.{verb}",
            method=method,
            path=path("apps", app, "secrets", *tail),
            subject=app,
            what=f"the secrets of app {app}",
            **rest,
        )
