"""Everything that exists right now, in memory and in the store."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator

from localfly.ids import now_ms
from localfly.state import App, Machine, Snapshot, Volume
from localfly.store import Store
from localfly.updated import UpdatedIndex


class World:
    """Only `save_*` and `drop_*` change what a restart would find."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.apps: dict[str, App] = {}
        self.machines: dict[str, Machine] = {}
        self.volumes: dict[str, Volume] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self.machines_by_update = UpdatedIndex()
        self.volumes_by_update = UpdatedIndex()
        self._machines_of: defaultdict[str, set[str]] = defaultdict(set)
        self._volumes_of: defaultdict[str, set[str]] = defaultdict(set)
        self._snapshots_of: defaultdict[str, set[str]] = defaultdict(set)
        self._waiters: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._load()

    def _load(self) -> None:
        for app in self._store.load("app", App):
            self.apps[app.name] = app
        for machine in sorted(self._store.load("machine", Machine), key=lambda m: m.updated_ms):
            self._index_machine(machine)
        for volume in self._store.load("volume", Volume):
            self._index_volume(volume)
        for snapshot in self._store.load("snapshot", Snapshot):
            self._index_snapshot(snapshot)

    # Reading.

    def machines_of(self, app_name: str) -> list[Machine]:
        """Oldest first, the destroyed ones included."""
        found = (self.machines[key] for key in self._machines_of[app_name])
        return sorted(found, key=lambda machine: (machine.created_ms, machine.id))

    def volumes_of(self, app_name: str) -> list[Volume]:
        found = (self.volumes[key] for key in self._volumes_of[app_name])
        return sorted(found, key=lambda volume: (volume.created_ms, volume.id))

    def snapshots_of(self, volume_id: str) -> list[Snapshot]:
        """Oldest first."""
        found = (self.snapshots[key] for key in self._snapshots_of.get(volume_id, ()))
        return sorted(found, key=lambda snapshot: (snapshot.created_ms, snapshot.id))

    def networks(self) -> set[str]:
        return {"default"} | {app.network for app in self.apps.values()}

    # Writing.

    def save_app(self, app: App) -> None:
        self.apps[app.name] = app
        self._store.put("app", app.name, app)

    def save_machine(self, machine: Machine) -> None:
        """Keep it and wake everybody who waits for it to change."""
        self._index_machine(machine)
        self._store.put("machine", machine.id, machine)
        for waiter in self._waiters.pop(machine.id, ()):
            if not waiter.done():
                waiter.set_result(None)

    def save_volume(self, volume: Volume) -> None:
        volume.updated_ms = now_ms()
        self._index_volume(volume)
        self._store.put("volume", volume.id, volume)

    def save_snapshot(self, snapshot: Snapshot) -> None:
        self._index_snapshot(snapshot)
        self._store.put("snapshot", snapshot.id, snapshot)

    def save_all(
        self, apps: Iterable[App], volumes: Iterable[Volume], machines: Iterable[Machine]
    ) -> None:
        """A whole fleet in one transaction; nobody can be waiting for it yet."""
        self._store.put_many(self._indexed(apps, volumes, machines))

    def drop_app(self, app: App) -> None:
        self.apps.pop(app.name, None)
        self._store.delete("app", app.name)

    def drop_volume(self, volume: Volume) -> None:
        self.volumes.pop(volume.id, None)
        self._volumes_of[volume.app_name].discard(volume.id)
        self.volumes_by_update.forget(volume.id)
        self._store.delete("volume", volume.id)

    def drop_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshots.pop(snapshot.id, None)
        self._snapshots_of[snapshot.volume_id].discard(snapshot.id)
        self._store.delete("snapshot", snapshot.id)

    async def machine_changed(self, machine_id: str, timeout: float) -> None:
        """Return after the machine's next change, or when the time is up."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[machine_id].add(waiter)
        try:
            async with asyncio.timeout(timeout):
                await waiter
        except TimeoutError:
            pass
        finally:
            self._waiters[machine_id].discard(waiter)

    def _indexed(
        self, apps: Iterable[App], volumes: Iterable[Volume], machines: Iterable[Machine]
    ) -> Iterator[tuple[str, str, App | Volume | Machine]]:
        for app in apps:
            self.apps[app.name] = app
            yield "app", app.name, app
        for volume in volumes:
            self._index_volume(volume)
            yield "volume", volume.id, volume
        for machine in machines:
            self._index_machine(machine)
            yield "machine", machine.id, machine

    def _index_machine(self, machine: Machine) -> None:
        self.machines[machine.id] = machine
        self._machines_of[machine.app_name].add(machine.id)
        self.machines_by_update.touch(machine.id, machine.updated_ms)

    def _index_volume(self, volume: Volume) -> None:
        self.volumes[volume.id] = volume
        self._volumes_of[volume.app_name].add(volume.id)
        self.volumes_by_update.touch(volume.id, volume.updated_ms)

    def _index_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshots[snapshot.id] = snapshot
        self._snapshots_of[snapshot.volume_id].add(snapshot.id)
