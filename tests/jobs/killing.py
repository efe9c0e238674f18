"""A worker that is killed with -9 in every step of an operation, as early as it can be seen."""

import time
from functools import partial

from sqlalchemy import select

from jarvis_admin.models import Operation, OperationStep
from tests.jobs.worker_process import House, eventually


def kill_in_every_step(
    house: House, operation_id: str, killed: set[str] | None = None
) -> tuple[Operation, int]:
    """Each step is killed once, and found again by another worker; how many were.

    Steps in `killed` were killed before, in another operation that shares them.
    """
    seen = killed if killed is not None else set()
    before = len(seen)
    while house.operation(operation_id).active:
        running = running_step(house, operation_id)
        if running is None or running in seen:
            time.sleep(0.01)
            continue
        seen.add(running)
        house.kill_worker()
        house.start_worker()
        eventually(partial(_moved_on, house, operation_id, running))
    return house.operation(operation_id), len(seen) - before


def running_step(house: House, operation_id: str) -> str | None:
    with house.sessions() as session:
        step = select(OperationStep.name).where(
            OperationStep.operation_id == operation_id, OperationStep.state == "running"
        )
        return session.scalars(step.order_by(OperationStep.position.desc())).first()


def _moved_on(house: House, operation_id: str, step: str) -> bool:
    return running_step(house, operation_id) != step or not house.operation(operation_id).active
