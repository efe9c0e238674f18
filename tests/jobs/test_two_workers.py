"""Two workers on PostgreSQL: work is shared, and a frozen one that thaws does not act again."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.jobs.fence import FENCED_EXIT
from tests.jobs.test_kill import all_ended
from tests.jobs.worker_process import House, eventually

pytestmark = pytest.mark.kill


def test_a_frozen_worker_that_thaws_ends_itself_and_nothing_is_doubled(
    postgres_url: str, open_on: Callable[[str], House]
) -> None:
    house = open_on(postgres_url)
    house.dead_after = 4
    frozen = house.start_worker()
    ids = [house.add_workspace(f"frozen{number}") for number in range(4)]
    house.cloud.set_faults(latency_ms=300)

    for workspace_id in ids:
        house.ask(workspace_id, K.PROVISION)
    eventually(lambda: any(path.startswith("/v1/apps") for _, path, _ in house.cloud.api_calls))
    os.kill(frozen.pid or 0, signal.SIGSTOP)
    house.start_worker()
    time.sleep(house.dead_after + 1)
    os.kill(frozen.pid or 0, signal.SIGCONT)

    frozen.join(timeout=20)
    assert frozen.exitcode == FENCED_EXIT
    house.workers.remove(frozen)
    assert set(all_ended(house)) == {"done"}
    for workspace_id in ids:
        row = house.workspace(workspace_id)
        assert len(house.fly.machines.list(row.app_name)) == 1
        assert len([v for v in house.fly.volumes.list(row.app_name) if not v.gone]) == 1
