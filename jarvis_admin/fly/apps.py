"""Apps: one a workspace, each on a network of its own."""

from dataclasses import dataclass
from typing import Any

from jarvis_admin.fly.call import Call, given, path, query
from jarvis_admin.fly.types import App
from jarvis_admin.fly.types.record import Record
from jarvis_admin.fly.wire import Wire


class _Apps(Record, frozen=True):
    apps: tuple[App, ...] = ()


@dataclass(frozen=True)
class Apps:
    _wire: Wire
    _org: str

    def create(self, name: str, *, network: str | None = None) -> App:
        """The app as shown afterwards: the answer to the create itself is not to be relied on.

        Names are unique in all of Fly: raises NameTaken, also when it is ours already.
        Without `network` it lands on the org's default network, and stays there.
        """
        # The reference documents both spellings of the name.
        body = given(name=name, app_name=name, org_slug=self._org, network=network)
        self._wire.send(
            Call(
                action="apps.create",
                method="POST",
                path=path("apps"),
                subject=name,
                what=f"app {name}",
                query=query(wait=True),
                body=body,
            )
        )
        return self.get(name)

    def get(self, name: str) -> App:
        """Raises FlyNotFound if the name is free, Unauthorised if the app is another org's."""
        return self._wire.read(self._call("apps.get", "GET", name), App)

    def list(self) -> tuple[App, ...]:
        """All apps of the org, in one answer."""
        call = Call(
            action="apps.list",
            method="GET",
            path=path("apps"),
            subject=self._org,
            what=f"the apps of {self._org}",
            query=query(org_slug=self._org),
        )
        return self._wire.read(call, _Apps).apps

    def delete(self, name: str, *, force: bool = False) -> None:
        """Deletes its machines, volumes **and their snapshots** too, some time after returning.

        Fly asks that its machines be stopped first, or for `force`. It is done when `get` raises
        FlyNotFound.
        """
        self._wire.send(
            self._call("apps.delete", "DELETE", name, subject=self._org, query=query(force=force))
        )

    def _call(self, action: str, method: str, name: str, *, subject: str = "", **rest: Any) -> Call:
        return Call(
            action=action,
            method=method,
            path=path("apps", name),
            subject=subject or name,
            what=f"app {name}",
            **rest,
        )
