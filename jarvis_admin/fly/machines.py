"""Machines: making, reading, changing and destroying them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from datetime import timedelta
from typing import Any

from jarvis_admin.fly.call import Call, given, path, query
from jarvis_admin.fly.errors import WrongState
from jarvis_admin.fly.leases import Leases
from jarvis_admin.fly.metadata import Metadata
from jarvis_admin.fly.power import GRACE, Power
from jarvis_admin.fly.types import Event, ExecResult, Machine, MachineVersion

ASLEEP = frozenset(("stopping", "stopped", "suspending", "suspended"))


class Machines(Power, Leases, Metadata):
    """Every verb of a machine; the inherited ones are grouped by module."""

    def create(
        self,
        app: str,
        *,
        name: str,
        config: Mapping[str, Any],
        region: str | None = None,
        skip_launch: bool = False,
        lease_ttl: int | None = None,
        min_secrets_version: int | None = None,
        skip_service_registration: bool = False,
    ) -> Machine:
        """Boots it unless `skip_launch`; with `lease_ttl` (seconds) the answer has a `nonce`.

        With a mount, `region` must be the volume's. Raises NoCapacity, QuotaReached, Conflict
        (the app has a machine of that name) and, ambiguous, Deadline: then look for the name.
        """
        body = given(
            name=name,
            config=config,
            region=region,
            skip_launch=skip_launch or None,
            lease_ttl=lease_ttl,
            min_secrets_version=min_secrets_version,
            skip_service_registration=skip_service_registration or None,
        )
        call = self._in_app("create", "POST", app, f"machine {name}", place=region or "", body=body)
        return self._wire.read(call, Machine)

    def list(
        self,
        app: str,
        *,
        metadata: Mapping[str, str] | None = None,
        state: str | Collection[str] | None = None,
        region: str | None = None,
        include_deleted: bool = False,
    ) -> tuple[Machine, ...]:
        """All machines of the app that match everything given; destroyed ones only if asked."""
        states = state if isinstance(state, str) or state is None else ",".join(state)
        asked = query(state=states, region=region, include_deleted=include_deleted)
        asked += tuple((f"metadata.{key}", value) for key, value in (metadata or {}).items())
        call = self._in_app("list", "GET", app, f"the machines of app {app}", query=asked)
        return self._wire.read(call, tuple[Machine, ...])

    def get(self, app: str, machine_id: str) -> Machine:
        """With its last twenty events. Right after a create a FlyNotFound may be mere lag."""
        return self._wire.read(self._one("get", "GET", app, machine_id), Machine)

    def update(
        self,
        app: str,
        machine_id: str,
        config: Mapping[str, Any],
        *,
        current_version: str | None = None,
        nonce: str | None = None,
        skip_launch: bool = False,
        min_secrets_version: int | None = None,
    ) -> Machine:
        """Replaces the whole config: what is left out is gone. See `modify`.

        A running machine reboots, a sleeping one starts unless `skip_launch`; a suspended one
        loses its memory. Raises Conflict, LeaseHeld, NoCapacity (the old version is put back).
        """
        body = given(
            config=config,
            current_version=current_version,
            skip_launch=skip_launch or None,
            min_secrets_version=min_secrets_version,
        )
        call = self._one("update", "POST", app, machine_id, nonce=nonce, body=body)
        return self._wire.read(call, Machine)

    def modify(
        self,
        app: str,
        machine_id: str,
        change: Callable[[dict[str, Any]], None],
        ttl: int = 60,
        *,
        skip_launch: bool | None = None,
        min_secrets_version: int | None = None,
    ) -> Machine:
        """Under a lease of `ttl` seconds: read, let `change` edit the raw config, write it back.

        Keys we do not know are carried through. A sleeping machine stays asleep unless
        `skip_launch` is False. Raises WrongState, having written nothing, when the host of the
        machine is unreachable: there is no whole config then.
        """
        with self.leased(app, machine_id, ttl=ttl, description="modify") as lease:
            machine = self.get(app, machine_id)
            if machine.config is None or not machine.reachable:
                detail = f"its config cannot be read (host: {machine.host_status or 'unknown'})"
                raise WrongState(what=f"machine {machine_id}", detail=detail)
            config = deepcopy(dict(machine.config))
            change(config)
            return self.update(
                app,
                machine_id,
                config,
                current_version=machine.instance_id or None,
                nonce=lease.nonce,
                skip_launch=machine.state in ASLEEP if skip_launch is None else skip_launch,
                min_secrets_version=min_secrets_version,
            )

    def destroy(
        self, app: str, machine_id: str, *, force: bool = False, nonce: str | None = None
    ) -> None:
        """In the background; its volume stays, and stays bound for a moment.

        Without `force` a running machine is refused with WrongState.
        """
        asked = query(force=force)
        self._wire.send(self._one("destroy", "DELETE", app, machine_id, nonce=nonce, query=asked))

    def exec(
        self,
        app: str,
        machine_id: str,
        command: Sequence[str],
        *,
        timeout: timedelta = timedelta(seconds=20),
    ) -> ExecResult:
        """Runs a command in a started machine. A command that fails is a result, not an error.

        Fly cuts off somewhere between 30 and 60 s, with a Deadline. Send data as an argument:
        stdin is reported not to arrive.
        """
        body = {"command": list(command), "timeout": max(round(timeout.total_seconds()), 1)}
        call = self._one(
            "exec", "POST", app, machine_id, "exec", body=body, patience=timeout + GRACE
        )
        return self._wire.read(call, ExecResult)

    def events(self, app: str, machine_id: str, limit: int = 20) -> tuple[Event, ...]:
        """Newest first; `limit` up to 50, though live only the last 20 have been seen."""
        call = self._one("events", "GET", app, machine_id, "events", query=query(limit=limit))
        return self._wire.read(call, tuple[Event, ...])

    def versions(self, app: str, machine_id: str) -> tuple[MachineVersion, ...]:
        call = self._one("versions", "GET", app, machine_id, "versions")
        return self._wire.read(call, tuple[MachineVersion, ...])

    def _in_app(self, verb: str, method: str, app: str, what: str, **rest: Any) -> Call:
        return Call(
            action=f"machines.{verb}",
            method=method,
            path=path("apps", app, "machines"),
            subject=app,
            what=what,
            **rest,
        )
