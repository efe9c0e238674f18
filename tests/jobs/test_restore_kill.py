"""A worker killed in every step of a reset and of the way back: nothing lost, nothing left."""

from collections.abc import Callable

import pytest

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.domain.restores import Kind
from jarvis_admin.services.restores import Asked
from tests.archiver import trees
from tests.jobs.killing import kill_in_every_step
from tests.jobs.test_restores import ask, at_fly, disk, files, load
from tests.jobs.worker_process import House


@pytest.mark.kill
@pytest.mark.timeout(300)
def test_killed_at_every_step_of_a_reset_and_of_the_way_back(
    database_url: str, open_on: Callable[[str], House]
) -> None:
    house = open_on(database_url)
    house.start_worker()
    bob = house.add_workspace(f"kill{house.engine.dialect.name}")
    house.done(bob, K.PROVISION)
    trees.build(files(house, bob) / "tree")
    as_it_was = trees.look(files(house, bob) / "tree")
    before = house.workspace(bob)
    house.cloud.set_faults(latency_ms=120)

    row = ask(house, bob, Asked(Kind.FRESH_MACHINE))
    operation, kills = kill_in_every_step(house, row.operation_id)

    assert operation.state == "done", operation.error
    assert kills >= 8
    row = load(house, row)
    assert trees.look(files(house, bob) / "tree") == as_it_was
    assert trees.look(disk(house, before.volume_id) / "tree") == as_it_was
    assert at_fly(house, bob) == (
        {row.machine_id: "started", before.machine_id: "stopped"},
        {row.volume_id, before.volume_id},
    )

    back = ask(house, bob, Asked(Kind.UNDO, undoes=row))
    operation, kills = kill_in_every_step(house, back.operation_id)

    house.cloud.set_faults()
    assert operation.state == "done", operation.error
    assert kills >= 4
    after = house.workspace(bob)
    assert (after.machine_id, after.volume_id) == (before.machine_id, before.volume_id)
    assert at_fly(house, bob) == (
        {row.machine_id: "stopped", before.machine_id: "started"},
        {row.volume_id, before.volume_id},
    )
