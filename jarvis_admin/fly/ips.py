"""Addresses of an app. One made through the API starts with none."""

from dataclasses import dataclass
from typing import Any

from jarvis_admin.fly.call import Call, given, path
from jarvis_admin.fly.types import IpAssignment
from jarvis_admin.fly.types.record import Record
from jarvis_admin.fly.wire import Wire


class _Ips(Record, frozen=True):
    ips: tuple[IpAssignment, ...] = ()


@dataclass(frozen=True)
class Ips:
    _wire: Wire
    _org: str

    def list(self, app: str) -> tuple[IpAssignment, ...]:
        return self._wire.read(self._call("list", "GET", app), _Ips).ips

    def create(
        self, app: str, kind: str, *, network: str | None = None, region: str | None = None
    ) -> IpAssignment:
        """`kind` is v4, v6, shared_v4, private_v6, …; private_v6 is a Flycast address.

        That one is reachable from `network` only, which is the org's default one and **not** the
        app's own if left out. Raises Refused for a network that does not exist.
        """
        org = self._org if network else None
        body = given(type=kind, network=network, org_slug=org, region=region)
        return self._wire.read(self._call("create", "POST", app, body=body), IpAssignment)

    def delete(self, app: str, ip: str) -> None:
        self._wire.send(self._call("delete", "DELETE", app, ip))

    def _call(self, verb: str, method: str, app: str, *tail: str, **rest: Any) -> Call:
        return Call(
            action=f"ips.{verb}",
            method=method,
            path=path("apps", app, "ip_assignments", *tail),
            subject=app,
            what=f"the addresses of app {app}",
            **rest,
        )
