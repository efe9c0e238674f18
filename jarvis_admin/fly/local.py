"""What Local Fly can do beyond Fly's API: for demos and tests. Fly answers 404 to these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jarvis_admin.fly.call import Call
from jarvis_admin.fly.client import FlyClient
from jarvis_admin.fly.types.record import Record

Rows = Sequence[Mapping[str, Any]]
Image = str | Sequence[str] | Mapping[str, Sequence[str]]  # the last: its entrypoint and its cmd


class _Address(Record, frozen=True):
    port: int | None = None


class Swept(Record, frozen=True):
    taken: tuple[str, ...] = ()  # the ids of the daily snapshots
    expired: int = 0
    forgotten: int = 0


@dataclass(frozen=True)
class LocalExtras:
    fly: FlyClient

    def import_fleet(
        self, *, apps: Rows = (), volumes: Rows = (), machines: Rows = ()
    ) -> dict[str, int]:
        """Takes over a whole fleet, ids and all, and says how many of each; up to 5 minutes.

        Rows are as Fly shows them; a volume and a machine name their app in `app_name`.
        """
        body = {"apps": apps, "volumes": volumes, "machines": machines}
        call = self._call("import", "POST", body=body, patience=timedelta(minutes=5))
        return self.fly.wire.read(call, dict[str, int])

    def set_faults(self, **switches: Any) -> None:
        """Exactly these misbehaviours, none without any: see `Faults` of Local Fly."""
        self.fly.wire.send(self._call("faults", "PUT", body=switches))

    def change_faults(self, **switches: Any) -> None:
        """These misbehaviours anew, the others as they are."""
        self.fly.wire.send(self._call("faults", "PATCH", body=switches))

    def set_clock_ahead(self, span: timedelta) -> None:
        """Local Fly's clock, ahead of the system's; nothing that waits is sped up by it."""
        self.fly.wire.send(self._call("clock", "PUT", body={"ahead_seconds": span.total_seconds()}))

    def sweep(self) -> Swept:
        """What its clock makes due: daily snapshots are written, expired ones and volumes gone."""
        call = self._call("sweep", "POST", patience=timedelta(minutes=5))
        return self.fly.wire.read(call, Swept)

    def teach_images(self, images: Mapping[str, Image]) -> None:
        """What machines run, by image: a reference counts for all that begin with it.

        Known until Local Fly ends; the option `--images` names a file of lasting ones.
        """
        self.fly.wire.send(self._call("images", "PUT", body=images))

    def crash(self, machine_id: str, *, oom_killed: bool = False) -> None:
        """Kills the machine's program behind Fly's back, or as if its memory had run out."""
        call = self._call(f"machines/{machine_id}/crash", "POST", body={"oom_killed": oom_killed})
        self.fly.wire.send(call)

    def add_traffic(self, machine_id: str, *, sent: int = 0, received: int = 0) -> None:
        """Moves the machine's network counters on by so many bytes, as of now."""
        row = {"instance": machine_id, "sent_bytes": sent, "received_bytes": received}
        self._move_metrics(add=[row])

    def reset_traffic(self, *machine_ids: str) -> None:
        """Their network counters begin again at 0, as of now."""
        self._move_metrics(reset=machine_ids)

    def set_history(self, *rows: Mapping[str, Any]) -> None:
        """Each row is all there is of one series: metric, instance or volume, and samples.

        A sample is [Unix seconds, value]. On a simulated machine nothing is added to it later.
        """
        self._move_metrics(history=rows)

    def _move_metrics(self, **changes: Any) -> None:
        self.fly.wire.send(self._call("metrics", "POST", body=changes))

    def machine_port(self, machine_id: str) -> int | None:
        """Where the machine's program listens on this computer; None while it does not run."""
        return self.fly.wire.read(self._call(f"machines/{machine_id}", "GET"), _Address).port

    def _call(self, path: str, method: str, **rest: Any) -> Call:
        action, _, subject = path.partition("/")
        return Call(
            action=f"local.{action}",
            method=method,
            path=f"/_local/{path}",
            subject=subject,
            what=f"Local Fly's {path}",
            **rest,
        )
