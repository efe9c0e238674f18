"""Starting, stopping and waiting: what changes the state of a machine."""

from collections.abc import Collection
from datetime import timedelta

from jarvis_admin.fly.call import duration, given, query
from jarvis_admin.fly.errors import Deadline, FlyNotFound
from jarvis_admin.fly.machine_call import MachineCalls
from jarvis_admin.fly.types import Reached, Started
from jarvis_admin.fly.types.record import Record

LONGEST_SERVER_WAIT = 60  # seconds; Fly takes 1 to 60
GRACE = timedelta(seconds=10)  # our time-out lies this far above the server's


class _Outcome(Record, frozen=True):
    """Older answers to a start are a refusal inside a 200 (official client)."""

    status: str = ""


class Power(MachineCalls):
    """All of these return at once, except `wait`. `nonce` proves a lease, if one is held."""

    def start(self, app: str, machine_id: str, *, nonce: str | None = None) -> Started:
        """Boots it, or resumes it from suspension.

        Raises WrongState for some seconds after a create, update or stop; NoCapacity with scope
        "host" when its host is full; LeaseHeld.
        """
        call = self._one("start", "POST", app, machine_id, "start", nonce=nonce)
        body = self._wire.send(call) or b"{}"  # the schema promises no body at all
        if self._wire.parse(call, body, _Outcome).status == "error":
            raise self._wire.refusal(call, 412, {}, body)
        return self._wire.parse(call, body, Started)

    def stop(
        self,
        app: str,
        machine_id: str,
        *,
        signal: str | None = None,
        timeout: timedelta | None = None,
        nonce: str | None = None,
    ) -> None:
        """Of a suspended machine: its memory is thrown away. Default signal SIGINT, then 5 s."""
        body = given(signal=signal, timeout=duration(timeout) if timeout else None)
        self._wire.send(self._one("stop", "POST", app, machine_id, "stop", nonce=nonce, body=body))

    def suspend(self, app: str, machine_id: str, *, nonce: str | None = None) -> None:
        """Not for more than 2 GB of memory, swap or a schedule. On any refusal: stop instead."""
        self._wire.send(self._one("suspend", "POST", app, machine_id, "suspend", nonce=nonce))

    def restart(
        self,
        app: str,
        machine_id: str,
        *,
        timeout: timedelta | None = None,
        force: bool = False,
        nonce: str | None = None,
    ) -> None:
        asked = query(timeout=duration(timeout) if timeout else None, force_stop=force)
        self._wire.send(
            self._one("restart", "POST", app, machine_id, "restart", nonce=nonce, query=asked)
        )

    def signal(self, app: str, machine_id: str, signal: str) -> None:
        """`signal` by name: SIGHUP, SIGUSR1, …"""
        body = {"signal": signal}
        self._wire.send(self._one("signal", "POST", app, machine_id, "signal", body=body))

    def cordon(self, app: str, machine_id: str, *, nonce: str | None = None) -> None:
        """Takes its services out of routing without stopping it."""
        self._wire.send(self._one("cordon", "POST", app, machine_id, "cordon", nonce=nonce))

    def uncordon(self, app: str, machine_id: str, *, nonce: str | None = None) -> None:
        self._wire.send(self._one("uncordon", "POST", app, machine_id, "uncordon", nonce=nonce))

    def wait(
        self,
        app: str,
        machine_id: str,
        states: str | Collection[str],
        timeout: timedelta,
        *,
        version: str | None = None,
    ) -> Reached:
        """Until it is in one of `states`: started, stopped, suspended, destroyed, failed, settled.

        Raises Deadline at most a second after `timeout`, and FlyNotFound for a machine that is
        gone, unless "destroyed" is waited for. "started" is a booted VM, not a ready program.
        """
        wanted = [states] if isinstance(states, str) else list(states)
        end = self._wire.clock() + timeout.total_seconds()
        while True:
            left = end - self._wire.clock()
            try:
                return self._wait_once(app, machine_id, wanted, left, version)
            except FlyNotFound:
                if "destroyed" in wanted:
                    return Reached(state="destroyed")
                raise
            except Deadline:
                if self._wire.clock() >= end:
                    raise

    def _wait_once(
        self, app: str, machine_id: str, states: list[str], left: float, version: str | None
    ) -> Reached:
        seconds = min(max(round(left), 1), LONGEST_SERVER_WAIT)
        call = self._one(
            "wait",
            "GET",
            app,
            machine_id,
            "wait",
            query=(
                *query(timeout=seconds, version=version),
                *(("state", state) for state in states),
            ),
            patience=timedelta(seconds=seconds) + GRACE,
        )
        return self._wire.read(call, Reached)
