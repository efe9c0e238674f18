"""A backup to look at: a scratch machine, a volume beside, and their end."""

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.domain.restores import Kind, Target
from jarvis_admin.errors import Conflict
from jarvis_admin.jobs import parking
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Operation, Restore
from jarvis_admin.services.restores import Asked
from tests.archiver import trees
from tests.jobs.test_archives import newest
from tests.jobs.test_restores import ask, at_fly, disk, done, files, load, snapshot_of
from tests.jobs.worker_process import House, eventually, now

_numbers = count(1)


@pytest.fixture
def alice(house: House) -> int:
    workspace_id = house.add_workspace(f"scra{next(_numbers)}")
    house.done(workspace_id, K.PROVISION)
    trees.build(files(house, workspace_id) / "tree")
    return workspace_id


def expire(house: House, row: Restore) -> None:
    with house.sessions.begin() as session:
        session.get_one(Restore, row.id).expires_at = now() - timedelta(seconds=1)
    parking.end_scratches(Context(house.settings, house.sessions, house.fly, enqueue=house.enqueue))


def test_an_archive_runs_in_an_app_of_its_own_until_its_time_is_over(
    house: House, alice: int
) -> None:
    house.done(alice, K.ARCHIVE)
    before = at_fly(house, alice)
    archive = newest(house, alice)

    row = done(house, alice, Asked(Kind.RESTORE, archive_id=archive.id, target=Target.SCRATCH))

    (machine,) = house.fly.machines.list(row.app_name)
    assert (machine.id, machine.state) == (row.machine_id, "started")
    assert trees.look(disk(house, row.volume_id) / "tree") == trees.look(
        files(house, alice) / "tree"
    )
    assert row.compared_files == archive.files
    assert at_fly(house, alice) == before, "the user's own app is not touched"

    expire(house, row)

    eventually(lambda: load(house, row).state == "ended", within=30)
    assert row.app_name not in [app.name for app in house.fly.apps.list()]


def test_a_snapshot_lies_beside_until_it_is_removed(house: House, alice: int) -> None:
    point = snapshot_of(house, alice)
    before = at_fly(house, alice)

    row = done(house, alice, Asked(Kind.RESTORE, snapshot_id=point, target=Target.BESIDE))

    machines, volumes = at_fly(house, alice)
    assert (machines, volumes - before[1]) == (before[0], {row.volume_id})
    assert trees.look(disk(house, row.volume_id) / "tree") == trees.look(
        files(house, alice) / "tree"
    )

    done(house, alice, Asked(Kind.FRESH_FILES))
    assert row.volume_id in at_fly(house, alice)[1], "a reset does not sweep it away"

    expire(house, row)

    eventually(lambda: row.volume_id not in at_fly(house, alice)[1], within=30)


def test_it_does_not_wait_for_the_workspace_nor_keep_it_busy(house: House, alice: int) -> None:
    house.done(alice, K.ARCHIVE)
    asked = Asked(Kind.RESTORE, archive_id=newest(house, alice).id, target=Target.SCRATCH)
    house.cloud.set_faults(latency_ms=200, path_contains="-scratch-")

    row = ask(house, alice, asked)
    house.done(alice, K.STOP)

    assert house.operation(row.operation_id).active
    house.cloud.set_faults()
    assert house.finished(row.operation_id, within=60).state == "done"


def test_a_snapshot_cannot_run_elsewhere(house: House, alice: int) -> None:
    point = snapshot_of(house, alice)

    with pytest.raises(Conflict, match="in its own app alone"):
        ask(house, alice, Asked(Kind.RESTORE, snapshot_id=point, target=Target.SCRATCH))

    with house.sessions() as session:
        kinds = session.scalars(select(Operation.kind).where(Operation.workspace_id == alice))
        assert "scratch" not in set(kinds)


def test_no_room_leaves_no_app(house: House, alice: int) -> None:
    house.done(alice, K.ARCHIVE)
    house.cloud.set_faults(full_volume_regions=["fra", "ams", "cdg", "lhr", "arn"])

    asked = Asked(Kind.RESTORE, archive_id=newest(house, alice).id, target=Target.SCRATCH)
    row = ask(house, alice, asked)

    assert house.finished(row.operation_id, within=60).state == "failed"
    assert "Fly has no room in" in load(house, row).error
    assert load(house, row).app_name not in [app.name for app in house.fly.apps.list()]
