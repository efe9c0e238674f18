"""Volumes: the disks. One machine at a time, on one host."""

from dataclasses import dataclass
from typing import Any

from jarvis_admin.fly.call import Call, given, path, query
from jarvis_admin.fly.types import Extended, Guest, Volume
from jarvis_admin.fly.wire import Wire


@dataclass(frozen=True)
class Volumes:
    _wire: Wire

    def create(
        self,
        app: str,
        *,
        name: str,
        region: str,
        size_gb: int,
        compute: Guest | None = None,
        compute_image: str | None = None,
        snapshot_id: str | None = None,
        source_volume_id: str | None = None,
        snapshot_retention: int | None = None,
        auto_backup_enabled: bool | None = None,
        require_unique_zone: bool | None = None,
        unique_zone_app_wide: bool | None = None,
    ) -> Volume:
        """Empty, from a snapshot (`size_gb` at least the source's), or as a fork of a volume.

        `compute` is the size of the machine to come, so that the host has room for it.
        `snapshot_retention` in days, 1 to 60. Unless `require_unique_zone` is False, it lies on
        another host than the app's volumes of the same name, or with `unique_zone_app_wide` of
        any name. A restore and a fork come back unfinished: look for `Volume.mountable`.
        Raises NoCapacity, QuotaReached, and for a fork whose source's host is down Unreachable.
        """
        body = given(
            name=name,
            region=region,
            size_gb=size_gb,
            compute=compute,
            compute_image=compute_image,
            snapshot_id=snapshot_id,
            source_volume_id=source_volume_id,
            snapshot_retention=snapshot_retention,
            auto_backup_enabled=auto_backup_enabled,
            require_unique_zone=require_unique_zone,
            unique_zone_app_wide=unique_zone_app_wide,
        )
        call = self._in_app("create", "POST", app, f"volume {name}", place=region, body=body)
        return self._wire.read(call, Volume)

    def list(self, app: str) -> tuple[Volume, ...]:
        """With those on their way out: see `Volume.gone`."""
        call = self._in_app("list", "GET", app, f"the volumes of app {app}", query=query())
        return self._wire.read(call, tuple[Volume, ...])

    def get(self, app: str, volume_id: str) -> Volume:
        return self._wire.read(self._one("get", "GET", app, volume_id), Volume)

    def update(
        self,
        app: str,
        volume_id: str,
        *,
        snapshot_retention: int | None = None,
        auto_backup_enabled: bool | None = None,
    ) -> Volume:
        """What is None stays. A new retention counts for new snapshots only."""
        body = given(snapshot_retention=snapshot_retention, auto_backup_enabled=auto_backup_enabled)
        return self._wire.read(self._one("update", "PUT", app, volume_id, body=body), Volume)

    def extend(self, app: str, volume_id: str, size_gb: int) -> Extended:
        """To `size_gb` in all; a volume only grows. Restart its machine if `needs_restart`."""
        body = {"size_gb": size_gb}
        call = self._one("extend", "PUT", app, volume_id, "extend", body=body)
        return self._wire.read(call, Extended)

    def delete(self, app: str, volume_id: str) -> Volume:
        """Raises WrongState while a machine is bound to it, and a moment longer."""
        return self._wire.read(self._one("delete", "DELETE", app, volume_id), Volume)

    def _one(
        self, verb: str, method: str, app: str, volume_id: str, *tail: str, **rest: Any
    ) -> Call:
        return Call(
            action=f"volumes.{verb}",
            method=method,
            path=path("apps", app, "volumes", volume_id, *tail),
            subject=app,
            what=f"volume {volume_id}",
            **rest,
        )

    def _in_app(self, verb: str, method: str, app: str, what: str, **rest: Any) -> Call:
        return Call(
            action=f"volumes.{verb}",
            method=method,
            path=path("apps", app, "volumes"),
            subject=app,
            what=what,
            **rest,
        )
