import pytest

from jarvis_admin.fly import FlyClient
from jarvis_admin.fly.errors import Unauthorised
from jarvis_admin.fly.local import LocalExtras
from jarvis_admin.fly.types import Guest, Placement
from tests.fly.replay import Answer

ROW = {"code": "fra", "name": "Frankfurt, Germany", "latitude": 50.11, "longitude": 8.68}


def test_the_regions_are_listed(live):
    regions = {region.code: region for region in live.platform.regions()}

    assert "Frankfurt" in regions["fra"].name
    assert regions["fra"].geo_region == "europe"
    assert regions["fra"].gateway_available


@pytest.mark.parametrize(
    "body",
    [{"Regions": [ROW], "Nearest": "fra"}, {"regions": [ROW], "nearest": "fra"}],
    ids=["live", "schema"],
)
def test_regions_are_read_in_either_spelling(fly, replay, body):
    replay.plays(Answer(200, body))

    (region,) = fly.platform.regions()

    assert (region.code, region.latitude) == ("fra", 50.11)


def test_a_full_region_is_missing_from_the_placements(live):
    LocalExtras(live).set_faults(full_regions=["iad"])

    found = live.platform.placements("iad,fra", guest=Guest("shared", 2, 2048), volume_size_gb=10)

    assert [placement.region for placement in found] == ["fra"]


@pytest.mark.parametrize(
    "row",
    [
        {"Region": "iad", "Count": 1, "Concurrency": 2},
        {"region": "iad", "count": 1, "concurrency": 2},
    ],
    ids=["live", "schema"],
)
def test_placements_are_read_in_either_spelling(fly, replay, row):
    replay.plays(Answer(200, {"Regions": [row]}))

    found = fly.platform.placements("iad", volume_name="home", volume_size_gb=10)

    assert found == (Placement("iad", 1, 2),)
    assert replay.asked[0].body == {
        "org_slug": "my-jarvis",
        "region": "iad",
        "count": 1,
        "volume_name": "home",
        "volume_size_bytes": 10737418240,
    }


def test_a_token_is_described(live):
    assert live.tokens.current()[0].org_slug == "my-jarvis"


def test_a_wrong_token_is_told_at_once(cloud):
    with FlyClient(cloud.url, "wrong", cloud.org) as stranger, pytest.raises(Unauthorised):
        stranger.tokens.current()
