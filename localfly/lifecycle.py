"""The verbs on a machine: each checks, records what was asked and lets the rest run.

What runs afterwards is in `passages`; a forced destroy may cut it short.
"""

from localfly.config import stop_rule, volume_of
from localfly.errors import ApiError, precondition
from localfly.events import record
from localfly.ids import now_ms, ulid
from localfly.passages import Passages
from localfly.policies import refuse_unsuspendable
from localfly.state import VERSIONS_KEPT, Config, Machine, Version

_RUNNING = {"started", "starting", "restarting"}
_DESTROYABLE = {"stopped", "suspended", "created", "failed"}


class Lifecycle:
    def __init__(self, passages: Passages) -> None:
        self._passages = passages
        self._motion = passages.motion

    def launch(self, machine: Machine) -> None:
        """Begin the life of a machine that was just made."""
        record(machine, "launch", "pending", "flyd")
        record(machine, "launch", "created", "user")
        self._motion.move(machine, "created")
        self._motion.begin(machine, self._passages.launch(machine))

    def start(self, machine: Machine, source: str = "user") -> str:
        """Returns the state it was started from."""
        previous = machine.state
        if previous in ("started", "starting"):
            return previous
        self._refuse_early_start(machine)
        record(machine, "start", "starting", source)
        self._motion.move(machine, "starting")
        self._motion.begin(machine, self._passages.start(machine, resume=previous == "suspended"))
        return previous

    def _refuse_early_start(self, machine: Machine) -> None:
        if machine.state == "replacing":
            raise precondition("machine getting replaced, refusing to start")
        if machine.state not in ("stopped", "suspended", "failed"):
            raise precondition(f"unable to start machine from current state: '{machine.state}'")
        quiet_ms = now_ms() - machine.updated_ms
        still_active = self._passages.timings.still_active * 1000
        newest = machine.events[0].type if machine.events else ""
        if self._motion.busy(machine) or (newest == "exit" and quiet_ms < still_active):
            raise precondition("machine still active, refusing to start")

    def stop(
        self, machine: Machine, number: int | None, patience: float | None, source: str = "user"
    ) -> None:
        """A suspended machine loses its memory image; a stopped one stays as it is."""
        state = machine.state
        if state == "stopping" or (state == "stopped" and not self._motion.busy(machine)):
            return
        if state not in _RUNNING | {"stopped", "suspended"}:
            raise precondition(f"unable to stop machine from current state: '{state}'")
        record(machine, "stop", "stopping", source, {"reason": ""})
        self._motion.move(machine, "stopping")
        own_number, own_patience = stop_rule(machine.config)
        self._motion.begin(
            machine,
            self._passages.stop(
                machine,
                own_number if number is None else number,
                own_patience if patience is None else patience,
                frozen=state == "suspended",
            ),
        )

    def suspend(self, machine: Machine, source: str = "user") -> None:
        if machine.state in ("suspended", "suspending"):
            return
        if machine.state != "started":
            raise precondition(f"unable to suspend machine from current state: '{machine.state}'")
        refuse_unsuspendable(machine.config)
        record(machine, "suspend", "suspending", source)
        self._motion.move(machine, "suspending")
        self._motion.begin(machine, self._passages.suspend(machine))

    def restart(self, machine: Machine, number: int | None, patience: float | None) -> None:
        if machine.state != "started":
            raise precondition(f"unable to restart machine from current state: '{machine.state}'")
        own_number, own_patience = stop_rule(machine.config)
        record(machine, "restart", "stopping", "user")
        self._motion.move(machine, "restarting")
        self._motion.begin(
            machine,
            self._passages.restart(
                machine,
                own_number if number is None else number,
                own_patience if patience is None else patience,
            ),
        )

    def replace(self, machine: Machine, config: Config, *, skip_launch: bool) -> None:
        """Give the machine a new version; it boots unless `skip_launch` says not to."""
        if machine.state in ("replacing", "destroying", "restarting", "stopping", "suspending"):
            raise ApiError(409, "aborted: machine update failed due to concurrent update")
        rule = stop_rule(machine.config) if machine.state in _RUNNING else None
        machine.versions = [
            Version(machine.instance_id, machine.config_json),
            *machine.versions[: VERSIONS_KEPT - 1],
        ]
        machine.set_config(config)
        machine.instance_id = ulid()
        machine.skip_launch = skip_launch
        machine.crashed_ms = []
        record(machine, "update", "replacing", "user")
        self._motion.move(machine, "replacing")
        self._motion.begin(machine, self._passages.replace(machine, rule))

    def destroy(self, machine: Machine, *, force: bool) -> None:
        if machine.state == "destroying":
            return
        if machine.state not in _DESTROYABLE and not force:
            raise precondition("unable to destroy machine, not currently stopped")
        record(machine, "destroy", "destroying", "user")
        self._motion.move(machine, "destroying")
        self._motion.begin(machine, self._passages.destroy(machine, volume_of(machine.config)))
