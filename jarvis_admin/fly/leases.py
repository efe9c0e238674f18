"""Leases: who may change a machine."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from jarvis_admin.fly.call import query
from jarvis_admin.fly.errors import FlyError
from jarvis_admin.fly.machine_call import MachineCalls
from jarvis_admin.fly.types import Lease


class _Envelope(Lease, frozen=True):
    """Live, a lease comes in an envelope; the schema promises it bare."""

    data: Lease | None = None


class Leases(MachineCalls):
    """Keep them short: while one is held, Fly's own wake by traffic is refused as well.

    All `ttl` are in seconds. exec and metadata need no lease.
    """

    def lease(self, app: str, machine_id: str, *, ttl: int = 60, description: str = "") -> Lease:
        """Raises LeaseHeld when someone else has one."""
        body = {"ttl": ttl, "description": description}
        return self._lease("lease", "POST", app, machine_id, query=query(ttl=ttl), body=body)

    def refresh_lease(self, app: str, machine_id: str, nonce: str, *, ttl: int = 60) -> Lease:
        """Ours, for another `ttl` from now."""
        body = {"ttl": ttl}
        return self._lease(
            "refresh_lease", "POST", app, machine_id, nonce=nonce, query=query(ttl=ttl), body=body
        )

    def get_lease(self, app: str, machine_id: str) -> Lease:
        """Anyone's. Raises FlyNotFound if there is none."""
        return self._lease("get_lease", "GET", app, machine_id)

    def release_lease(self, app: str, machine_id: str, nonce: str) -> None:
        self._wire.send(self._one("release_lease", "DELETE", app, machine_id, "lease", nonce=nonce))

    @contextmanager
    def leased(
        self, app: str, machine_id: str, *, ttl: int = 60, description: str = ""
    ) -> Iterator[Lease]:
        """Holds a lease for the block and releases it in all cases."""
        lease = self.lease(app, machine_id, ttl=ttl, description=description)
        try:
            yield lease
        finally:
            # A lease that cannot be released ends by itself; the block's outcome stands.
            with suppress(FlyError):
                self.release_lease(app, machine_id, lease.nonce)

    def _lease(self, verb: str, method: str, app: str, machine_id: str, **rest: Any) -> Lease:
        call = self._one(verb, method, app, machine_id, "lease", **rest)
        found = self._wire.read(call, _Envelope)
        return found.data or found
