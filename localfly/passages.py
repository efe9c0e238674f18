"""What happens to a machine by itself, after a verb, a crash or a reboot of the host."""

import asyncio
import logging

from localfly.config import volume_of
from localfly.errors import ApiError
from localfly.events import Exit, record, record_exit
from localfly.hosts import Host
from localfly.ids import now_ms
from localfly.motion import Motion
from localfly.policies import RETRY_WINDOW_MS, restarts_after
from localfly.settings import Timings
from localfly.state import NOT_MOUNTABLE, Machine
from localfly.world import World

_log = logging.getLogger(__name__)


class Passages:
    def __init__(self, world: World, host: Host, motion: Motion, timings: Timings) -> None:
        self._world = world
        self._host = host
        self.motion = motion
        self.timings = timings
        self._boots = asyncio.Semaphore(8)  # a whole fleet may boot at once

    async def launch(self, machine: Machine) -> None:
        if machine.skip_launch:
            await asyncio.sleep(self.timings.prepare_only)
            self.motion.move(machine, "stopped")
            return
        await asyncio.sleep(self.timings.prepare)
        await self._volume_ready(machine)
        self.motion.move(machine, "starting")
        await self.boot(machine)

    async def start(self, machine: Machine, *, resume: bool) -> None:
        if resume and self._host.thaw(machine):
            await asyncio.sleep(self.timings.resume)
            self._started(machine)
            return
        machine.crashed_ms = []
        await self._volume_ready(machine)
        await self.boot(machine)

    async def stop(self, machine: Machine, number: int, patience: float, *, frozen: bool) -> None:
        exit_ = await self._end(machine, number, patience, frozen=frozen)
        record_exit(machine, exit_, requested=True)
        self.stopped(machine)

    def stopped(self, machine: Machine) -> None:
        """Its end, unless it was made to be destroyed at its end."""
        self.motion.move(machine, "stopped")
        if machine.config.get("auto_destroy"):
            record(machine, "destroy", "destroying", "flyd")
            self.motion.move(machine, "destroying")
            self.motion.begin(machine, self.destroy(machine, volume_of(machine.config)))

    async def suspend(self, machine: Machine) -> None:
        self._host.freeze(machine)
        await asyncio.sleep(self.timings.suspend)
        record(machine, "suspend", "suspended", "flyd", {})
        self.motion.move(machine, "suspended")

    async def restart(self, machine: Machine, number: int, patience: float) -> None:
        record_exit(machine, await self._end(machine, number, patience), requested=True)
        record(machine, "restart", "starting", "flyd")
        self.motion.move(machine, "starting")
        await self.boot(machine)

    async def replace(self, machine: Machine, rule: tuple[int, float] | None) -> None:
        """With the stop rule of the version that runs, or None when none does."""
        if rule is not None:
            exit_ = await self._end(machine, *rule)
            record_exit(machine, exit_, requested=False)
        else:
            await self._host.kill(machine)  # a memory image does not survive an update
        self.motion.move(machine, "replacing")
        await asyncio.sleep(self.timings.replace)
        if machine.skip_launch:
            self.motion.move(machine, "stopped")
            return
        await self._volume_ready(machine)
        self.motion.move(machine, "starting")
        await self.boot(machine)

    async def destroy(self, machine: Machine, volume_id: str | None) -> None:
        await self._host.kill(machine)
        await asyncio.sleep(self.timings.destroy)
        self._host.forget(machine)
        volume = self._world.volumes.get(volume_id or "")
        if volume is not None and volume.machine_id == machine.id:
            volume.machine_id = None
            self._world.save_volume(volume)
        record(machine, "destroy", "destroyed", "flyd")
        machine.lease = None
        self.motion.move(machine, "destroyed")

    def ended_by_itself(self, machine_id: str, exit_: Exit) -> None:
        """The main process is gone though nobody asked for it."""
        machine = self._world.machines[machine_id]
        if machine.state not in ("started", "starting"):
            return  # a verb is under way and tells the rest of the story
        self.motion.cancel(machine)
        if machine.state == "starting":
            self._started(machine)  # a program may be done before its machine counts as started
        config, now = machine.config, now_ms()
        recent = [crash for crash in machine.crashed_ms if now - crash < RETRY_WINDOW_MS]
        again = restarts_after(config, exit_.code, len(recent))
        machine.crashed_ms = [*recent, now] if again else recent
        count = len(machine.crashed_ms)
        record_exit(machine, exit_, requested=False, restarting=again, restarts=count)
        if again:
            self.motion.move(machine, "stopped")
            self.motion.begin(machine, self._boot_after_crash(machine))
        else:
            self.stopped(machine)

    async def _boot_after_crash(self, machine: Machine) -> None:
        await asyncio.sleep(self.timings.crash_pause)
        self.motion.move(machine, "starting")
        await self.boot(machine)

    async def boot(self, machine: Machine) -> None:
        lag = asyncio.create_task(asyncio.sleep(self.timings.start))
        try:
            async with self._boots:
                await self._host.boot(machine)
            await lag
        except (OSError, ApiError) as error:
            _log.error("machine %s cannot boot: %s", machine.id, error)
            self.motion.move(machine, "failed")
            return
        finally:
            lag.cancel()
        self._started(machine)

    def _started(self, machine: Machine) -> None:
        record(machine, "start", "started", "flyd", {})
        self.motion.move(machine, "started")

    async def _end(
        self, machine: Machine, number: int, patience: float, *, frozen: bool = False
    ) -> Exit:
        """Stop the process, and take at least as long as Fly does."""
        lag = asyncio.create_task(asyncio.sleep(self.timings.stop))
        try:
            if frozen:
                await self._host.kill(machine)
                return Exit()
            exit_ = await self._host.stop(machine, number, patience)
            await lag
            return exit_
        finally:
            lag.cancel()

    async def _volume_ready(self, machine: Machine) -> None:
        """A volume that is still being filled from a snapshot holds the boot up."""
        volume = self._world.volumes.get(volume_of(machine.config) or "")
        while volume is not None and volume.state in NOT_MOUNTABLE:
            await asyncio.sleep(0.05)
        if volume is not None and not volume.mounted:
            volume.mounted = True
            self._world.save_volume(volume)
