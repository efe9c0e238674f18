"""A worker killed in every step of a restore, a reset and the way back: nothing lost or left."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.domain.restores import Kind
from jarvis_admin.models import Restore
from jarvis_admin.services.restores import Asked
from tests.archiver import trees
from tests.jobs.killing import kill_in_every_step
from tests.jobs.test_archives import newest
from tests.jobs.test_restores import ask, at_fly, disk, end, files, load, urls_left
from tests.jobs.worker_process import House


@pytest.mark.kill
@pytest.mark.timeout(400)
def test_killed_at_every_step(database_url: str, open_on: Callable[[str], House]) -> None:
    house = open_on(database_url)
    house.start_worker()
    bob = house.add_workspace(f"kill{house.engine.dialect.name}")
    house.done(bob, K.PROVISION)
    trees.build(files(house, bob) / "tree")
    as_it_was = trees.look(files(house, bob) / "tree")
    house.done(bob, K.ARCHIVE)
    house.cloud.set_faults(latency_ms=120)
    killed: set[str] = set()

    def carried_out(asked: Asked, at_least: int) -> Restore:
        row = ask(house, bob, asked)
        operation, kills = kill_in_every_step(house, row.operation_id, killed)
        assert operation.state == "done", operation.error
        assert kills >= at_least
        return load(house, row)

    (files(house, bob) / "tree" / "wrecked").write_text("by an upgrade")
    restore = carried_out(Asked(Kind.RESTORE, archive_id=newest(house, bob).id), 8)
    assert tree(house, restore.volume_id) == as_it_was
    assert b"wrecked" in tree(house, restore.parked_volume_id)
    assert_there(house, bob, restore)
    assert not urls_left(house, bob)

    back = carried_out(Asked(Kind.UNDO, undoes=restore), 3)
    assert back.volume_id == restore.parked_volume_id == house.workspace(bob).volume_id
    assert_there(house, bob, back)

    house.cloud.set_faults()
    end(house, back)
    house.cloud.set_faults(latency_ms=120)
    reset = carried_out(Asked(Kind.FRESH_MACHINE), 0)
    assert b"wrecked" in tree(house, reset.volume_id)
    assert_there(house, bob, reset)


def tree(house: House, volume_id: str | None) -> dict[bytes, tuple[object, ...]]:
    root: Path = disk(house, volume_id) / "tree"
    return trees.look(root)


def assert_there(house: House, workspace_id: int, row: Restore) -> None:
    """At Fly are the new ones and the parked ones, and nothing else."""
    assert house.workspace(workspace_id).machine_id == row.machine_id
    assert at_fly(house, workspace_id) == (
        {row.machine_id: "started", row.parked_machine_id: "stopped"},
        {row.volume_id, row.parked_volume_id},
    )
