"""The full sweep: only what Fly denies when asked is gone."""

import pytest

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.fly.errors import FlyNotFound
from jarvis_admin.jobs import sweep
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Machine, Volume
from tests.jobs.worker_process import House, now


@pytest.fixture
def alice(house: House) -> int:
    workspace_id = house.add_workspace("alice")
    house.done(workspace_id, K.PROVISION)
    with house.sessions.begin() as session:  # long enough known for the sweep to miss it
        row = session.get_one(Machine, house.workspace(workspace_id).machine_id)
        row.created_at = row.created_at.replace(year=2025)
    return workspace_id


def test_a_machine_lost_at_fly_is_told_apart_from_one_in_a_dark_region(
    house: House, alice: int
) -> None:
    context = Context(house.settings, house.sessions, house.fly, now)
    row = house.workspace(alice)

    house.cloud.set_faults(error_regions=["fra"])
    assert sweep.sweep(context) == 0
    assert house.workspace(alice).state == "started"

    house.cloud.set_faults()
    house.workers[0].terminate()  # so that nobody but the sweep can notice
    house.workers.pop().join()
    house.fly.apps.delete(row.app_name, force=True)
    _await_gone(house, row.app_name)
    assert sweep.sweep(context) == 1

    lost = house.workspace(alice)
    assert (lost.state, lost.rate_pico > 0) == ("destroyed", True)  # its volume may still be there

    with house.sessions.begin() as session:  # long enough known to be missed, too
        volume = session.get_one(Volume, row.volume_id)
        volume.created_at = volume.created_at.replace(year=2025)
    sweep.sweep(context)
    assert house.workspace(alice).rate_pico == 0
    assert "not by us" in lost.problem


def _await_gone(house: House, app: str) -> None:
    from tests.jobs.worker_process import eventually

    def gone() -> bool:
        try:
            house.fly.apps.get(app)
        except FlyNotFound:
            return True
        return False

    eventually(gone)
