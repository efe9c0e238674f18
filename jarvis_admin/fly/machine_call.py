"""What the verbs of a machine have in common: their address and the nonce of a lease."""

from dataclasses import dataclass
from typing import Any

from jarvis_admin.fly.call import Call, path
from jarvis_admin.fly.wire import Wire

NONCE = "fly-machine-lease-nonce"


@dataclass(frozen=True)
class MachineCalls:
    _wire: Wire

    def _one(
        self,
        verb: str,
        method: str,
        app: str,
        machine_id: str,
        *tail: str,
        nonce: str | None = None,
        **rest: Any,
    ) -> Call:
        """A call on one machine; `tail` is the path behind its id."""
        return Call(
            action=f"machines.{verb}",
            method=method,
            path=path("apps", app, "machines", machine_id, *tail),
            subject=machine_id,
            what=f"machine {machine_id}",
            headers={NONCE: nonce} if nonce else {},
            **rest,
        )
