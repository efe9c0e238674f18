"""Local Fly down, failing, slow or forgetful: operations wait, then finish or say why not."""

from itertools import count

import pytest
from sqlalchemy import select

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.models import Fleet, OperationStep
from tests.jobs.worker_process import House, eventually

_numbers = count(1)


@pytest.fixture
def zoe(house: House) -> int:
    workspace_id = house.add_workspace(f"zoe{next(_numbers)}")
    house.done(workspace_id, K.PROVISION)
    return workspace_id


def fleet(house: House) -> Fleet:
    with house.sessions() as session:
        return session.get_one(Fleet, 1)


def test_a_silent_fly_is_noted_with_since_when_and_forgotten_when_it_is_back(house: House) -> None:
    house.cloud.set_faults(down=True)

    silent = eventually(lambda: fleet(house) if fleet(house).fault else None)
    assert "did not answer" in silent.fault
    assert silent.fault_since is not None

    house.cloud.set_faults()
    eventually(lambda: not fleet(house).fault)
    assert fleet(house).fault_since is None


def test_an_operation_waits_while_fly_is_down_and_says_so(house: House, zoe: int) -> None:
    house.cloud.set_faults(down=True)
    operation_id = house.ask(zoe, K.SUSPEND)

    note = eventually(lambda: step_note(house, operation_id))
    assert "Fly did not answer" in note
    assert house.operation(operation_id).state == "running"

    house.cloud.set_faults()
    assert house.finished(operation_id).state == "done"
    assert house.workspace(zoe).state == "suspended"


def test_an_answer_that_is_lost_after_the_effect_makes_nothing_twice(house: House) -> None:
    house.cloud.set_faults(status=500, when="after", rate=0.5, methods=["POST"])
    workspace_id = house.add_workspace(f"lost{next(_numbers)}")

    operation = house.finished(house.ask(workspace_id, K.PROVISION), within=60)

    house.cloud.set_faults()
    row = house.workspace(workspace_id)
    assert operation.state == "done", operation.error
    assert len(house.fly.machines.list(row.app_name)) == 1
    assert len([v for v in house.fly.volumes.list(row.app_name) if not v.gone]) == 1


def test_a_region_that_cannot_be_read_loses_none_of_its_machines(house: House, zoe: int) -> None:
    house.cloud.set_faults(error_regions=["fra"])

    eventually(lambda: fleet(house).dark_regions == "fra")
    row = house.workspace(zoe)
    assert (row.state, row.problem) == ("started", "")

    house.cloud.set_faults()
    eventually(lambda: fleet(house).dark_regions == "")


def test_a_refused_token_is_the_outcome_at_once(house: House, zoe: int) -> None:
    house.cloud.set_faults(status=403, path_contains="/suspend")

    operation = house.finished(house.ask(zoe, K.SUSPEND), within=10)

    assert operation.state == "failed"
    assert "does not accept our token" in operation.error


def step_note(house: House, operation_id: str) -> str | None:
    with house.sessions() as session:
        return session.scalars(
            select(OperationStep.note).where(
                OperationStep.operation_id == operation_id, OperationStep.note != ""
            )
        ).first()
