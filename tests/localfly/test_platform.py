"""Regions, placements and IP assignments."""

import pytest


def test_the_eighteen_regions_come_in_capitals(http):
    body = http.get("/v1/platform/regions").json()

    assert body["Nearest"] == "iad"
    assert len(body["Regions"]) == 18
    assert body["Regions"][0].items() >= {"code": "ams", "geo_region": "europe"}.items()


def test_a_region_without_room_is_missing_from_the_placements(http, faults):
    faults.set_faults(full_regions=["ewr"])

    wish = {"org_slug": faults.org, "region": "iad,ewr,fra", "count": 2}
    body = http.post("/v1/platform/placements", json=wish).json()

    assert body == {
        "Regions": [
            {"Region": "iad", "Count": 2, "Concurrency": 2},
            {"Region": "fra", "Count": 2, "Concurrency": 2},
        ]
    }


@pytest.mark.parametrize("region", ["nowhere", "iad,nowhere"])
def test_an_unknown_region_is_refused(fleet, region):
    assert fleet.create(fleet.app(), {}, region=region).status_code == 400


def test_a_private_address_lies_on_the_network_it_names(fleet, http):
    router, app = fleet.app(network="default"), fleet.app()
    path = f"/v1/apps/{app}/ip_assignments"

    one = http.post(path, json={"type": "private_v6", "network": "default"}).json()

    assert one["ip"].startswith("fdaa:")
    assert one["network"] == {"name": "default", "org_slug": fleet.org}
    assert http.get(path).json() == {"ips": [one]}
    assert http.delete(f"{path}/{one['ip']}").status_code == 204
    assert http.get(path).json() == {"ips": []}
    assert http.get(f"/v1/apps/{router}/ip_assignments").json() == {"ips": []}


def test_an_unknown_network_is_refused(fleet, http):
    wish = {"type": "private_v6", "network": "no-such-network"}

    refusal = http.post(f"/v1/apps/{fleet.app()}/ip_assignments", json=wish)

    assert refusal.status_code == 400
    assert refusal.json() == {"error": "network not found"}


@pytest.mark.parametrize(
    ("type_", "prefix", "shared", "egress"),
    [
        ("v4", "66.241.", False, False),
        ("shared_v4", "66.241.", True, False),
        ("v6", "2a09:8280:1:", False, False),
        ("egress_v4", "66.241.", False, True),
    ],
)
def test_a_public_address_has_no_network(fleet, http, type_, prefix, shared, egress):
    path = f"/v1/apps/{fleet.app()}/ip_assignments"

    one = http.post(path, json={"type": type_}).json()

    assert one["ip"].startswith(prefix)
    assert (one["shared"], one["egress"], one["network"]) == (shared, egress, None)


def test_an_unknown_kind_of_address_is_refused_and_an_unknown_address_not_found(fleet, http):
    path = f"/v1/apps/{fleet.app()}/ip_assignments"

    assert http.post(path, json={"type": "v5"}).status_code == 400
    assert http.delete(f"{path}/66.241.124.1").status_code == 404


def test_a_placement_of_none_asks_for_the_limit(http):
    (row,) = http.post("/v1/platform/placements", json={"region": "fra", "count": 0}).json()[
        "Regions"
    ]

    assert row == {"Region": "fra", "Count": 100, "Concurrency": 100}
