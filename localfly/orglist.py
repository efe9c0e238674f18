"""Every machine and every volume of the organization."""

from aiohttp import web

from localfly.auth import check_org
from localfly.bodies import org_machine_body
from localfly.cloud import Cloud, cloud_of
from localfly.http import answer, flag, words
from localfly.ids import rfc3339, rfc3339_ms
from localfly.paging import page
from localfly.volumebodies import org_volume_body

routes = web.RouteTableDef()


@routes.get("/v1/orgs/{org}/machines")
async def machines(request: web.Request) -> web.Response:
    cloud = _authorized(request)
    everything = cloud.world.machines
    regions, states = words(request, "region"), words(request, "state")
    lost, deleted = set(cloud.faults.error_regions), flag(request, "include_deleted")

    def wanted(machine_id: str) -> bool:
        machine = everything[machine_id]
        return (
            (deleted or not machine.gone)
            and (not regions or machine.region in regions)
            and (not states or machine.state in states)
            and machine.region not in lost
        )

    found = page(request, cloud.world.machines_by_update, wanted, cloud.settings.page_limit)
    summary = flag(request, "summary")
    body = {
        "machines": [org_machine_body(everything[key], summary=summary) for _, key in found.keys],
        "last_machine_id": found.keys[-1][1] if found.keys else "",
        "last_updated_at": rfc3339(found.keys[-1][0]) if found.keys else "",
        "next_cursor": found.next_cursor,
    }
    return answer({**body, "error_regions": sorted(lost)} if lost else body)


@routes.get("/v1/orgs/{org}/volumes")
async def volumes(request: web.Request) -> web.Response:
    cloud = _authorized(request)
    everything = cloud.world.volumes
    regions, states = words(request, "region"), words(request, "state")
    lost, deleted = set(cloud.faults.error_regions), flag(request, "include_deleted")

    def wanted(volume_id: str) -> bool:
        volume = everything[volume_id]
        return (
            (deleted or volume.deleted_ms is None)
            and (not regions or volume.region in regions)
            and (not states or volume.state in states)
            and volume.region not in lost
        )

    found = page(request, cloud.world.volumes_by_update, wanted, cloud.settings.page_limit)
    summary = flag(request, "summary")
    return answer(
        {
            "volumes": [
                org_volume_body(cloud, everything[key], summary=summary) for _, key in found.keys
            ],
            "last_volume_id": found.keys[-1][1] if found.keys else "",
            "last_updated_at": rfc3339_ms(found.keys[-1][0]) if found.keys else "",
            "next_cursor": found.next_cursor,
        }
    )


def _authorized(request: web.Request) -> Cloud:
    cloud = cloud_of(request)
    check_org(request.match_info["org"], cloud.settings.org)
    return cloud
