"""Fly's own snapshots: one a day, for as many days as the volume says."""

from datetime import timedelta

import pytest

from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet, Machine, eventually, snapshot_of
from tests.localfly.hashwalk import walk


@pytest.fixture
def days(tmp_path):
    """A fleet, and a clock that can be put ahead of the system's."""
    with local_fly(tmp_path) as server, client_of(server) as http:
        yield Days(Fleet(http, server.org), server)
        server.set_clock_ahead(timedelta())


class Days:
    def __init__(self, fleet, server):
        self.fleet, self.http, self.server, self.ahead = fleet, fleet.http, server, 0.0

    def sweep(self):
        return self.http.post("/_local/sweep").json()

    def move(self, days):
        self.ahead += days * 86400
        self.http.put("/_local/clock", json={"ahead_seconds": self.ahead})

    def pass_(self, days=1):
        """One after another, as they come."""
        for _ in range(days):
            self.move(1)
            self.sweep()

    def snapshots(self, app, volume):
        return self.http.get(f"/v1/apps/{app}/volumes/{volume['id']}/snapshots").json()


def test_every_day_leaves_a_snapshot_until_its_retention_is_over(days):
    app = days.fleet.app()
    volume = days.fleet.volume(app, snapshot_retention=3)

    counts = []
    for _ in range(6):
        days.pass_()
        counts.append(len(days.snapshots(app, volume)))

    assert counts == [1, 2, 3, 3, 3, 3]
    rows = days.snapshots(app, volume)
    assert {row["status"] for row in rows} == {"created"}
    assert [row["created_at"] for row in rows] == sorted({row["created_at"] for row in rows})


def test_within_a_day_there_is_no_second_one(days):
    days.fleet.volume(days.fleet.app())

    days.move(0.9)
    assert days.sweep()["taken"] == []
    days.move(0.2)
    assert len(days.sweep()["taken"]) == 1
    assert days.sweep()["taken"] == []


def test_a_volume_that_wants_none_gets_none(days):
    app = days.fleet.app()
    volume = days.fleet.volume(app, auto_backup_enabled=False)
    other = days.fleet.volume(app)
    days.http.put(f"/v1/apps/{app}/volumes/{other['id']}", json={"auto_backup_enabled": False})

    days.pass_(3)

    assert days.snapshots(app, volume) == days.snapshots(app, other) == []


def test_one_that_was_asked_for_does_not_replace_the_daily_one(days):
    app = days.fleet.app()
    volume = days.fleet.volume(app)
    days.move(0.5)
    snapshot_of(days.http, app, volume["id"])

    days.pass_()

    assert len(days.snapshots(app, volume)) == 2


def test_a_new_retention_counts_for_new_ones_only(days):
    app = days.fleet.app()
    volume = days.fleet.volume(app, snapshot_retention=1)
    days.pass_()
    days.http.put(f"/v1/apps/{app}/volumes/{volume['id']}", json={"snapshot_retention": 60})
    days.pass_()

    assert [row["retention_days"] for row in days.snapshots(app, volume)] == [60]
    days.pass_()
    assert [row["retention_days"] for row in days.snapshots(app, volume)] == [60, 60]


def test_snapshots_outlive_their_volume_but_not_their_app(days):
    app = days.fleet.app()
    volume = days.fleet.volume(app)
    folder = days.server.state / "volumes" / volume["id"]
    folder.mkdir(exist_ok=True)
    (folder / "file").write_text("kept")
    before = walk(folder)
    snapshot = snapshot_of(days.http, app, volume["id"])
    days.http.delete(f"/v1/apps/{app}/volumes/{volume['id']}")

    days.pass_(2)  # the volume is forgotten after one

    assert days.http.get(f"/v1/apps/{app}/volumes/{volume['id']}").status_code == 404
    assert [row["id"] for row in days.snapshots(app, volume)] == [snapshot["id"]]
    copy = days.fleet.volume(app, snapshot_id=snapshot["id"])
    path = f"/v1/apps/{app}/volumes/{copy['id']}"
    eventually(lambda: days.http.get(path).json()["state"] == "created")
    assert walk(days.server.state / "volumes" / copy["id"]) == before
    days.http.delete(f"/v1/apps/{app}")
    eventually(lambda: days.http.get(f"/v1/apps/{app}").status_code == 404)
    assert not list((days.server.state / "snapshots").iterdir())


def test_an_expired_snapshot_is_gone_for_good(days):
    app = days.fleet.app()
    volume = days.fleet.volume(app, snapshot_retention=1, auto_backup_enabled=False)
    snapshot = snapshot_of(days.http, app, volume["id"])

    days.pass_()

    assert days.snapshots(app, volume) == []
    assert not (days.server.state / "snapshots" / snapshot["id"]).exists()
    wish = {"name": "home", "snapshot_id": snapshot["id"]}
    assert days.http.post(f"/v1/apps/{app}/volumes", json=wish).status_code == 404


def test_what_an_expired_one_shared_is_carried_by_the_next(days):
    app = days.fleet.app()
    volume = days.fleet.volume(app, auto_backup_enabled=False, snapshot_retention=2)
    folder = days.server.state / "volumes" / volume["id"]
    folder.mkdir(exist_ok=True)
    (folder / "big").write_bytes(b"b" * 50_000)
    first = snapshot_of(days.http, app, volume["id"])
    days.pass_()
    (folder / "small").write_bytes(b"s" * 700)
    second = snapshot_of(days.http, app, volume["id"])

    days.pass_()

    assert (first["size"], second["size"]) == (50_000, 700)
    assert [row["size"] for row in days.snapshots(app, volume)] == [50_700]


def test_a_volume_that_is_filled_keeps_its_source_alive(days):
    app = days.fleet.app()
    volume = days.fleet.volume(app, snapshot_retention=1, auto_backup_enabled=False)
    snapshot = snapshot_of(days.http, app, volume["id"])
    days.move(2)
    copy = days.fleet.volume(app, snapshot_id=snapshot["id"])
    path = f"/v1/apps/{app}/volumes/{copy['id']}"

    days.sweep()

    eventually(lambda: days.http.get(path).json()["state"] == "created")


def test_a_day_may_be_made_short(tmp_path):
    with local_fly(tmp_path, day=0.4) as server, client_of(server) as http:
        fleet = Fleet(http, server.org)
        app = fleet.app()
        volume = fleet.volume(app)
        path = f"/v1/apps/{app}/volumes/{volume['id']}/snapshots"

        eventually(lambda: len(http.get(path).json()) >= 2)


def test_it_goes_on_after_a_restart(tmp_path):
    with local_fly(tmp_path) as server, client_of(server) as http:
        fleet = Fleet(http, server.org)
        machine, _ = fleet.with_volume()
    try:
        with local_fly(tmp_path) as server, client_of(server) as http:
            Machine(http, machine.app, machine.id, {}).reach("started")
            http.put("/_local/clock", json={"ahead_seconds": 90_000})

            assert len(http.post("/_local/sweep").json()["taken"]) == 1
    finally:
        server.set_clock_ahead(timedelta())
