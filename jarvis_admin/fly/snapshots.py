"""Snapshots of a volume: daily by Fly, or when asked. No call deletes one; its time runs out."""

from dataclasses import dataclass

from jarvis_admin.fly.call import Call, path
from jarvis_admin.fly.types import Snapshot
from jarvis_admin.fly.wire import Wire


@dataclass(frozen=True)
class Snapshots:
    _wire: Wire

    def create(self, app: str, volume_id: str) -> None:
        """Begins one. Fly's answer does not name it: list until a newer row reads "created".

        Raises WrongState while another is being written.
        """
        self._wire.send(self._call("create", "POST", app, volume_id))

    def list(self, app: str, volume_id: str) -> tuple[Snapshot, ...]:
        """Also of a deleted volume, as long as its snapshots and its app live."""
        return self._wire.read(self._call("list", "GET", app, volume_id), tuple[Snapshot, ...])

    def _call(self, verb: str, method: str, app: str, volume_id: str) -> Call:
        return Call(
            action=f"snapshots.{verb}",
            method=method,
            path=path("apps", app, "volumes", volume_id, "snapshots"),
            subject=app,
            what=f"the snapshots of volume {volume_id}",
        )
