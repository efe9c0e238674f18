"""After Local Fly itself was away: every machine goes on from where it was."""

from localfly.config import volume_of
from localfly.events import Exit, record, record_exit
from localfly.passages import Passages
from localfly.policies import restarts_after
from localfly.state import Machine
from localfly.world import World

_RAN = {"started", "starting", "restarting"}
_HOST_REBOOT = Exit(137, 9)


def recover(world: World, passages: Passages, *, simulated: bool) -> None:
    for machine in list(world.machines.values()):
        # A machine on paper cannot have noticed that the host was away.
        if not (simulated and machine.state == "started"):
            _recover(machine, passages)


def _recover(machine: Machine, passages: Passages) -> None:
    """Lasting states stay; a suspended machine will find no memory image when it starts."""
    motion = passages.motion
    if machine.state in _RAN and not restarts_after(machine.config, _HOST_REBOOT.code, 0):
        record_exit(machine, _HOST_REBOOT, requested=False)
        passages.stopped(machine)
    elif machine.state in _RAN or (machine.state == "replacing" and not machine.skip_launch):
        record_exit(machine, _HOST_REBOOT, requested=False, restarting=True)
        motion.move(machine, "starting")
        motion.begin(machine, passages.boot(machine))
    elif machine.state == "replacing":
        motion.move(machine, "stopped")
    elif machine.state == "created":
        motion.begin(machine, passages.launch(machine))
    elif machine.state == "stopping":
        record_exit(machine, Exit(), requested=True)
        passages.stopped(machine)
    elif machine.state == "suspending":
        record(machine, "suspend", "suspended", "flyd", {})
        motion.move(machine, "suspended")
    elif machine.state == "destroying":
        motion.begin(machine, passages.destroy(machine, volume_of(machine.config)))
