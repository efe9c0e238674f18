"""Metadata of a machine: no restart, no new version, no lease needed."""

from collections.abc import Mapping

from jarvis_admin.fly.call import given
from jarvis_admin.fly.machine_call import MachineCalls


class Metadata(MachineCalls):
    """An update of the config overwrites all of it, so carry it along there."""

    def metadata(self, app: str, machine_id: str) -> dict[str, str]:
        call = self._one("metadata", "GET", app, machine_id, "metadata")
        return self._wire.read(call, dict[str, str])

    def set_metadata(self, app: str, machine_id: str, key: str, value: str) -> None:
        body = {"value": value}
        self._wire.send(
            self._one("set_metadata", "POST", app, machine_id, "metadata", key, body=body)
        )

    def delete_metadata(self, app: str, machine_id: str, key: str) -> None:
        self._wire.send(self._one("delete_metadata", "DELETE", app, machine_id, "metadata", key))

    def patch_metadata(
        self,
        app: str,
        machine_id: str,
        values: Mapping[str, str | None],
        *,
        machine_version: str | None = None,
    ) -> None:
        """Sets the given keys and removes those that are None; the others stay.

        Raises WrongState when `machine_version` is not the current one.
        """
        body = given(metadata=dict(values), machine_version=machine_version)
        self._wire.send(
            self._one("patch_metadata", "PATCH", app, machine_id, "metadata", body=body)
        )
