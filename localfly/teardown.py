"""The end of an app, with everything in it."""

import asyncio

from localfly.cloud import Cloud
from localfly.state import App


async def tear_down(cloud: Cloud, app: App) -> None:
    """Machines, volumes, their snapshots, then the app with its secrets and addresses."""
    world = cloud.world
    await asyncio.sleep(cloud.settings.timings.app_delete)
    machines = [machine for machine in world.machines_of(app.name) if not machine.gone]
    for machine in machines:
        cloud.lifecycle.destroy(machine, force=True)
    for machine in machines:
        while not machine.gone:
            await world.machine_changed(machine.id, timeout=5)
    for volume in world.volumes_of(app.name):
        world.drop_volume(volume)
        await asyncio.to_thread(cloud.disks.remove_volume, volume.id)
    for snapshot in [found for found in world.snapshots.values() if found.app_name == app.name]:
        world.drop_snapshot(snapshot)
        await asyncio.to_thread(cloud.disks.remove_snapshot, snapshot.id)
    world.drop_app(app)
