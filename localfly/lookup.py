"""From the path of a request to the thing it names, or the right refusal."""

from aiohttp import web

from localfly.cloud import Cloud, cloud_of
from localfly.errors import HostUnreachable, forbidden, not_found, precondition
from localfly.reach import machine_answers, volume_answers
from localfly.state import App, Machine, Volume

FOREIGN_APPS = frozenset({"taken", "somebody-elses-app"})  # owned by another organization


def is_foreign(cloud: Cloud, name: str) -> bool:
    return name in FOREIGN_APPS or name in cloud.faults.foreign_apps


def find_app(request: web.Request) -> App:
    cloud, name = cloud_of(request), request.match_info["app"]
    if is_foreign(cloud, name):
        raise forbidden()
    app = cloud.world.apps.get(name)
    if app is None:
        raise not_found("app")
    return app


def find_machine(request: web.Request) -> Machine:
    """Destroyed machines are found too."""
    app = find_app(request)
    machine = cloud_of(request).world.machines.get(request.match_info["machine"])
    if machine is None or machine.app_name != app.name:
        raise not_found("machine")
    return machine


def find_live_machine(request: web.Request) -> Machine:
    """One that can take orders: not destroyed, and on a host that answers."""
    machine = find_machine(request)
    if machine.gone:
        raise not_found("machine")
    if not machine_answers(cloud_of(request), machine):
        raise HostUnreachable
    return machine


def find_running_machine(request: web.Request) -> Machine:
    machine = find_live_machine(request)
    if machine.state != "started":
        raise precondition(f"machine not running, currently {machine.state}")
    return machine


def find_volume(request: web.Request) -> Volume:
    """Deleted volumes are found too, as long as they are listed."""
    app = find_app(request)
    volume = cloud_of(request).world.volumes.get(request.match_info["volume"])
    if volume is None or volume.app_name != app.name:
        raise not_found("volume")
    return volume


def find_live_volume(request: web.Request) -> Volume:
    """One that can take orders: not deleted, and on a host that answers."""
    volume = find_volume(request)
    if volume.deleted_ms is not None:
        raise not_found("volume")
    if not volume_answers(cloud_of(request), volume):
        raise HostUnreachable
    return volume
