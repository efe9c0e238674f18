"""What goes by itself with time."""

from dataclasses import replace

import pytest

from localfly.settings import FAST
from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet, eventually


@pytest.fixture
def hasty(tmp_path):
    """Forgets a deleted volume after a moment."""
    timings = replace(FAST, sweep=0.05, volume_grace=0.2)
    with local_fly(tmp_path, timings=timings) as server, client_of(server) as http:
        yield Fleet(http, server.org), server


def test_a_deleted_volume_goes_with_its_folder_when_its_grace_is_over(hasty):
    fleet, server = hasty
    machine, volume = fleet.with_volume()
    folder = server.state / "volumes" / volume["id"]
    machine.delete(force="true")
    machine.reach("destroyed")
    path = f"/v1/apps/{machine.app}/volumes/{volume['id']}"
    fleet.http.delete(path)
    assert folder.is_dir()

    eventually(lambda: fleet.http.get(path).status_code == 404)

    eventually(lambda: not folder.exists())
    listed = fleet.http.get(f"/v1/orgs/{fleet.org}/volumes", params={"include_deleted": "true"})
    assert listed.json()["volumes"] == []


def test_a_kept_volume_and_a_fresh_snapshot_stay(hasty):
    fleet, _ = hasty
    app = fleet.app()
    path = f"/v1/apps/{app}/volumes/{fleet.volume(app)['id']}"
    fleet.http.post(f"{path}/snapshots")
    other = f"/v1/apps/{app}/volumes/{fleet.volume(app)['id']}"
    fleet.http.delete(other)

    eventually(lambda: fleet.http.get(other).status_code == 404)

    assert fleet.http.get(path).status_code == 200
    assert len(fleet.http.get(f"{path}/snapshots").json()) == 1
