"""A worker that is killed with -9 at random moments: nothing lost, nothing done twice at Fly."""

import random
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.models import Operation, OperationStep
from tests.jobs.worker_process import House, eventually

pytestmark = pytest.mark.kill

USERS = 5
KILLS = 6


def kill_often(house: House, rng: random.Random, kills: int) -> int:
    """Kill the worker in mid-operation and start another, `kills` times; how many hit work."""
    hits = 0
    for _ in range(kills):
        time.sleep(rng.uniform(0.8, 1.7))  # the first half second of it goes into starting
        hits += house.active_operations() > 0
        house.kill_worker()
        house.start_worker()
    return hits


def all_ended(house: House) -> list[str]:
    eventually(lambda: house.active_operations() == 0, within=60)
    with house.sessions() as session:
        return list(session.scalars(select(Operation.state)))


@pytest.mark.timeout(240)
def test_nothing_is_lost_or_doubled(database_url: str, open_on: Callable[[str], House]) -> None:
    rng = random.Random(database_url.partition(":")[0])
    house = open_on(database_url)
    house.start_worker()
    # Slow answers stretch every step, so that a kill lands in the middle of one.
    house.cloud.set_faults(latency_ms=150)
    ids = [house.add_workspace(f"{house.engine.dialect.name}{n}") for n in range(USERS)]

    for workspace_id in ids:
        house.ask(workspace_id, K.PROVISION)
    hits = kill_often(house, rng, KILLS)
    states = all_ended(house)
    for workspace_id in ids:
        house.ask(workspace_id, K.SUSPEND)
    hits += kill_often(house, rng, 2)
    states += all_ended(house)
    for workspace_id in ids:
        house.ask(workspace_id, K.BACKUP)
    hits += kill_often(house, rng, 2)
    states += all_ended(house)

    assert hits >= 3, "the kills must land in the middle of work to prove anything"
    assert set(states) == {"done"}
    for workspace_id in ids:
        assert_exactly_one_of_everything(house, workspace_id)


def assert_exactly_one_of_everything(house: House, workspace_id: int) -> None:
    row = house.workspace(workspace_id)
    (machine,) = house.fly.machines.list(row.app_name)
    volumes = [volume for volume in house.fly.volumes.list(row.app_name) if not volume.gone]
    assert [volume.id for volume in volumes] == [row.volume_id] == [machine.config.volume]
    assert (machine.id, machine.state) == (row.machine_id, "suspended")
    assert len(house.fly.snapshots.list(row.app_name, row.volume_id)) == 1


def test_a_step_that_was_recorded_is_not_run_again(
    sqlite_url: str, open_on: Callable[[str], House]
) -> None:
    house = open_on(sqlite_url)
    house.start_worker()
    workspace_id = house.add_workspace("once")
    house.cloud.forget_calls()
    house.cloud.set_faults(status=503, path_contains="/volumes")

    operation_id = house.ask(workspace_id, K.PROVISION)
    eventually(lambda: "Set its secrets" in done_steps(house, operation_id))
    house.kill_worker()
    house.cloud.set_faults()
    house.start_worker()
    assert house.finished(operation_id).state == "done"

    asked = [(method, path.partition("?")[0]) for method, path, _ in house.cloud.api_calls]
    app = house.workspace(workspace_id).app_name
    assert asked.count(("POST", "/v1/apps")) == 1
    assert asked.count(("POST", f"/v1/apps/{app}/secrets")) == 1


def done_steps(house: House, operation_id: str) -> list[str]:
    with house.sessions() as session:
        return list(
            session.scalars(
                select(OperationStep.name).where(
                    OperationStep.operation_id == operation_id, OperationStep.state == "done"
                )
            )
        )
