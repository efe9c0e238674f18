"""Fly's regions, and which of them have room."""

from dataclasses import dataclass
from typing import Any

from jarvis_admin.fly.call import Call, given, path
from jarvis_admin.fly.types import Guest, Placement, Region
from jarvis_admin.fly.types.record import Record
from jarvis_admin.fly.wire import Wire

GIB = 1024**3


class _Regions(Record, frozen=True):
    regions: tuple[Region, ...] = ()


class _Placements(Record, frozen=True):
    regions: tuple[Placement, ...] = ()


@dataclass(frozen=True)
class Platform:
    """Live answers write their keys with a capital, the schema does not: either will do."""

    _wire: Wire
    _org: str

    def regions(self) -> tuple[Region, ...]:
        call = self._call("regions", "GET", "Fly's regions")
        return self._wire.read(call, _Regions, any_case=True).regions

    def placements(
        self,
        region: str = "any",
        *,
        guest: Guest | None = None,
        count: int = 1,
        volume_name: str | None = None,
        volume_size_gb: int | None = None,
    ) -> tuple[Placement, ...]:
        """Where `count` such machines would find room now; a region without room is missing.

        `region` may be a list or an alias: "iad,us". A simulation, not a reservation.
        """
        body = given(
            org_slug=self._org,
            region=region,
            count=count,
            compute=guest,
            volume_name=volume_name,
            volume_size_bytes=volume_size_gb * GIB if volume_size_gb else None,
        )
        what = f"room in {region}"
        call = self._call("placements", "POST", what, place=region, body=body, harmless=True)
        return self._wire.read(call, _Placements, any_case=True).regions

    def _call(self, noun: str, method: str, what: str, **rest: Any) -> Call:
        return Call(
            action=f"platform.{noun}",
            method=method,
            path=path("platform", noun),
            subject=self._org,
            what=what,
            **rest,
        )
