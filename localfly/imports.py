"""Taking over a whole fleet at once, ids and all."""

from collections.abc import Iterator
from typing import Any

import msgspec

from localfly.apps import new_app
from localfly.births import private_ip
from localfly.checks import checks_of
from localfly.cloud import Cloud
from localfly.config import volume_of
from localfly.errors import bad_request
from localfly.fleetrows import AppRow, Fleet, MachineRow, VolumeRow
from localfly.ids import now_ms, parse_instant, ulid, volume_id, zone
from localfly.state import EVENTS_KEPT, App, Machine, Volume


def take_over(cloud: Cloud, fleet: Fleet) -> dict[str, int]:
    """One transaction; afterwards the machines that are `started` boot."""
    known = cloud.world.apps
    apps = {row.name: _app(row) for row in fleet.apps if row.name not in known}
    volumes = {volume.id: volume for volume in map(_volume, fleet.volumes)}
    try:
        machines = list(_machines(cloud, fleet, apps, volumes))
    except (ValueError, msgspec.MsgspecError) as error:
        raise bad_request(str(error)) from error
    _refuse_strays(cloud, apps, machines)
    cloud.world.save_all(apps.values(), volumes.values(), machines)
    if not cloud.settings.simulated:
        for machine in machines:
            if machine.state == "started":
                cloud.motion.move(machine, "starting")
                cloud.motion.begin(machine, cloud.passages.boot(machine))
    return {"apps": len(apps), "volumes": len(volumes), "machines": len(machines)}


def _refuse_strays(cloud: Cloud, apps: dict[str, App], machines: list[Machine]) -> None:
    for machine in machines:
        if machine.app_name not in apps and machine.app_name not in cloud.world.apps:
            raise bad_request(f"machine {machine.id} belongs to no app: {machine.app_name}")


def _app(row: AppRow) -> App:
    app = new_app(row.name, row.network)
    app.id = row.id or app.id
    return app


def _volume(row: VolumeRow) -> Volume:
    created = _instant(row.created_at)
    return Volume(
        id=row.id or volume_id(),
        app_name=row.app_name,
        name=row.name,
        state=row.state,
        size_gb=row.size_gb,
        region=row.region,
        zone=zone(),
        created_ms=created,
        updated_ms=created,
        snapshot_retention=row.snapshot_retention,
        auto_backup_enabled=row.auto_backup_enabled,
    )


def _machines(
    cloud: Cloud, fleet: Fleet, apps: dict[str, App], volumes: dict[str, Volume]
) -> Iterator[Machine]:
    """Machines in Fly's order of change, each holding the volume of its config."""
    for row in sorted(fleet.machines, key=lambda row: row.updated_at):
        app = apps.get(row.app_name) or cloud.world.apps.get(row.app_name)
        machine = _machine(row, app.network if app else "default")
        config = machine.config
        checks_of(config)  # refuses what could not be run
        held: Any = volume_of(config)
        volume = volumes.get(held) or cloud.world.volumes.get(held)
        if volume is not None and not machine.gone:
            volume.machine_id, volume.mounted = machine.id, True
        yield machine


def _machine(row: MachineRow, network: str) -> Machine:
    created = _instant(row.created_at)
    return Machine(
        id=row.id,
        app_name=row.app_name,
        name=row.name or row.id,
        state=row.state,
        region=row.region,
        instance_id=row.instance_id or ulid(),
        private_ip=row.private_ip or private_ip(network, row.id),
        config_json=row.config.copy(),
        created_ms=created,
        updated_ms=_instant(row.updated_at) if row.updated_at else created,
        events=row.events[:EVENTS_KEPT],
        cordoned=row.cordoned,
    )


def _instant(text: str) -> int:
    return parse_instant(text) if text else now_ms()
