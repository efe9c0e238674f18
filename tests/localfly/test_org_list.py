"""The organization's list of machines, page by page."""

import pytest

from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet

REGIONS = ["iad", "fra", "gru"]


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """Seven machines on paper, one of them destroyed."""
    with (
        local_fly(tmp_path_factory.mktemp("paper"), simulated=True, page_limit=4) as server,
        client_of(server) as http,
    ):
        machines = [
            {
                "app_name": "workspaces",
                "id": f"{number:014x}",
                "name": f"devbox-{number}",
                "region": REGIONS[number % 3],
                "state": "destroyed" if number == 6 else "stopped",
                "config": {"image": "workspace:1", "guest": {"cpus": 1}, "env": {"A": "1"}},
                "created_at": "2026-11-20T09:00:00Z",
                "updated_at": f"2026-11-20T10:00:{number:02d}Z",
            }
            for number in range(7)
        ]
        fleet = {"apps": [{"name": "workspaces"}], "machines": machines}
        assert http.post("/_local/import", json=fleet).json()["machines"] == 7
        yield Fleet(http, server.org), server


def _page(fleet, **query):
    return fleet.http.get(f"/v1/orgs/{fleet.org}/machines", params=query).json()


def _all(fleet, **query):
    """Every page's ids, page by page."""
    pages, cursor = [], {}
    while not pages or cursor["cursor"]:
        page = _page(fleet, **query, **cursor)
        pages.append([int(row["id"], 16) for row in page["machines"]])
        cursor = {"cursor": page["next_cursor"]}
    return pages


def _rows(fleet, **query):
    return [row for page in _all(fleet, **query) for row in page]


def test_a_row_has_the_shape_of_the_list(paper):
    fleet, _ = paper

    row = _page(fleet, limit="1")["machines"][0]

    assert (
        row.items()
        >= {
            "id": "00000000000000",
            "app_name": "workspaces",
            "name": "devbox-0",
            "state": "stopped",
            "region": "iad",
            "created_at": "2026-11-20T09:00:00Z",
            "updated_at": "2026-11-20T10:00:00Z",
            "config": {"image": "workspace:1", "guest": {"cpus": 1}},
        }.items()
    )
    assert row["version"] == row["instance_id"]
    assert "config" not in _page(fleet, summary="true")["machines"][0]


def test_the_pages_run_from_the_oldest_change_to_the_newest(paper):
    fleet, _ = paper

    # The destroyed one is passed over, which leaves the last page empty.
    assert _all(fleet, limit="2") == [[0, 1], [2, 3], [4, 5], []]


def test_a_page_never_exceeds_the_server_s_limit(paper):
    fleet, _ = paper

    assert _all(fleet, limit="1000") == [[0, 1, 2, 3], [4, 5]]


def test_only_later_changes_are_listed_after_an_instant(paper):
    fleet, _ = paper

    assert _all(fleet, updated_after="2026-11-20T10:00:03Z") == [[4, 5]]
    assert _page(fleet, updated_after="yesterday")["error"].startswith("invalid_argument:")


def test_the_destroyed_are_listed_on_request(paper):
    fleet, _ = paper

    assert _all(fleet, include_deleted="true", state="destroyed") == [[6]]


def test_filters_may_leave_a_page_empty_while_more_remain(paper):
    fleet, _ = paper

    assert _rows(fleet, region="fra", limit="1") == [1, 4]
    assert _rows(fleet, region="fra,gru") == [1, 2, 4, 5]


def test_a_lost_region_is_named_and_its_machines_are_missing(paper):
    fleet, server = paper
    server.set_faults(error_regions=["gru"])

    page = _page(fleet)
    server.set_faults()

    assert page["error_regions"] == ["gru"]
    assert "gru" not in {row["region"] for row in page["machines"]}
    assert "error_regions" not in _page(fleet)


def test_a_machine_that_changes_moves_to_the_end(paper):
    fleet, _ = paper
    fleet.http.post("/v1/apps/workspaces/machines/00000000000002/metadata/k", json={"value": "v"})

    listed = _rows(fleet)

    assert listed[-1] == 2
    assert sorted(listed) == [0, 1, 2, 3, 4, 5]
