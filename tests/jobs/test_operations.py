"""Every operation end to end: a real worker, a real Machines API, real processes as machines."""

from itertools import count

import httpx
import pytest
from sqlalchemy import select

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.fly.local import LocalExtras
from jarvis_admin.models import Interval, Operation, Snapshot, Transition
from tests.jobs.worker_process import House, eventually

_numbers = count(1)


@pytest.fixture
def alice(house: House) -> int:
    workspace_id = house.add_workspace(f"alice{next(_numbers)}")
    house.done(workspace_id, K.PROVISION)
    return workspace_id


def guest(house: House, workspace_id: int) -> httpx.Client:
    port = LocalExtras(house.fly).machine_port(house.workspace(workspace_id).machine_id)
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5)


def test_provision_makes_app_secret_volume_and_a_healthy_machine(house: House, alice: int) -> None:
    row = house.workspace(alice)

    machine = house.fly.machines.get(row.app_name, row.machine_id)
    assert machine.state == row.state == "started"
    assert house.fly.apps.get(row.app_name).network == row.app_name
    assert machine.config.volume == row.volume_id
    assert machine.config.metadata["jarvis_env"] == "test"
    assert [s.name for s in house.fly.secrets.list(row.app_name)] == ["JARVIS_REPLAY_SECRET"]
    with guest(house, alice) as client:
        assert client.get("/health").status_code == 200


def test_the_steps_are_told_as_they_go(house: House, alice: int) -> None:
    operation = house.done(alice, K.BACKUP)

    with house.sessions() as session:
        steps = session.get_one(type(operation), operation.id).steps
    assert [step.name for step in steps] == [
        "Note the time",
        "Ask Fly for a snapshot",
        "Wait until it is written",
    ]
    assert {step.state for step in steps} == {"done"}
    assert all(step.finished_at >= step.started_at for step in steps)


def test_suspend_keeps_the_memory_and_wake_brings_it_back(house: House, alice: int) -> None:
    with guest(house, alice) as client:
        born = client.get("/health").json()

    house.done(alice, K.SUSPEND)
    assert house.workspace(alice).state == "suspended"
    house.done(alice, K.START)

    with guest(house, alice) as client:
        assert client.get("/health").json()["boot_id"] == born["boot_id"]


def test_stop_loses_the_memory_but_not_the_files(house: House, alice: int) -> None:
    with guest(house, alice) as client:
        born = client.get("/health").json()["boot_id"]
        client.put("/files/note.txt", content=b"remember me").raise_for_status()

    house.done(alice, K.STOP)
    assert house.workspace(alice).state == "stopped"
    house.done(alice, K.START)

    with guest(house, alice) as client:
        assert client.get("/health").json()["boot_id"] != born
        assert client.get("/files/note.txt").content == b"remember me"


def test_restart_boots_it_anew(house: House, alice: int) -> None:
    with guest(house, alice) as client:
        born = client.get("/health").json()["boot_id"]

    house.done(alice, K.RESTART)

    with guest(house, alice) as client:
        assert client.get("/health").json()["boot_id"] != born


def test_a_backup_is_a_snapshot_at_fly_and_a_row_of_ours(house: House, alice: int) -> None:
    house.done(alice, K.SUSPEND)

    house.done(alice, K.BACKUP)

    row = house.workspace(alice)
    assert row.state == "suspended"  # it was not woken for it
    (taken,) = house.fly.snapshots.list(row.app_name, row.volume_id)
    with house.sessions() as session:
        stored = session.scalars(select(Snapshot).where(Snapshot.workspace_id == alice)).one()
    assert (stored.id, stored.status) == (taken.id, "created")


def test_destroy_leaves_nothing_at_fly_and_ends_the_bill(house: House, alice: int) -> None:
    app = house.workspace(alice).app_name

    house.done(alice, K.DESTROY)

    assert app not in [one.name for one in house.fly.apps.list()]
    row = house.workspace(alice)
    assert (row.state, row.rate_pico) == ("destroyed", 0)
    with house.sessions() as session:
        still_open = select(Interval).where(
            Interval.ended_at.is_(None), Interval.workspace_id == alice
        )
        assert not session.scalars(still_open).all()


def test_a_machine_that_is_not_marked_as_ours_is_not_deleted(house: House, alice: int) -> None:
    row = house.workspace(alice)
    house.fly.machines.delete_metadata(row.app_name, row.machine_id, "jarvis_fleet")

    operation = house.finished(house.ask(alice, K.DESTROY))

    assert operation.state == "failed"
    assert "does not carry our mark: nothing was deleted" in operation.error
    assert house.fly.machines.get(row.app_name, row.machine_id).state == "started"


def test_no_room_at_home_places_the_machine_in_the_nearest_region(house: House) -> None:
    house.cloud.set_faults(full_regions=["fra"])

    workspace_id = house.add_workspace(f"bob{next(_numbers)}")
    house.done(workspace_id, K.PROVISION)

    row = house.workspace(workspace_id)
    assert row.region in {"ams", "cdg"}
    assert [v.region for v in house.fly.volumes.list(row.app_name) if not v.gone] == [row.region]


def test_no_room_anywhere_near_removes_the_app_and_says_why(house: House) -> None:
    house.cloud.set_faults(full_regions=["fra", "ams", "cdg", "lhr", "arn"])
    workspace_id = house.add_workspace(f"bob{next(_numbers)}")

    operation = house.finished(house.ask(workspace_id, K.PROVISION))

    row = house.workspace(workspace_id)
    assert operation.state == "failed"
    assert "Fly has no room in" in operation.error
    assert "Fly has no room in" in row.problem
    assert row.machine_id is None
    assert row.app_name not in [app.name for app in house.fly.apps.list()]

    house.cloud.set_faults()
    house.done(workspace_id, K.PROVISION)
    assert house.workspace(workspace_id).problem == ""


def test_a_change_behind_our_back_shows_within_five_seconds(house: House, alice: int) -> None:
    row = house.workspace(alice)

    house.fly.machines.stop(row.app_name, row.machine_id)

    eventually(lambda: house.workspace(alice).state == "stopped", within=5)
    # The row leads by a moment: it is written from the list, the transition from the events.
    eventually(lambda: _latest(house, alice) == ("stopped", False), within=5)


def _latest(house: House, workspace_id: int) -> tuple[str, bool]:
    with house.sessions() as session:
        last = session.scalars(
            select(Transition)
            .where(Transition.workspace_id == workspace_id)
            .order_by(Transition.at.desc(), Transition.id.desc())
        ).first()
    return last.state, last.estimated


def test_our_own_destroy_is_no_estimate(house: House, alice: int) -> None:
    house.done(alice, K.DESTROY)

    assert _latest(house, alice) == ("destroyed", False)


def test_a_cancelled_provision_leaves_nothing_at_fly(house: House) -> None:
    house.cloud.set_faults(status=503, path_contains="/volumes")
    workspace_id = house.add_workspace(f"bob{next(_numbers)}")
    operation_id = house.ask(workspace_id, K.PROVISION)
    app = house.workspace(workspace_id).app_name
    eventually(lambda: app in [one.name for one in house.fly.apps.list()])

    with house.sessions.begin() as session:
        session.get_one(Operation, operation_id).cancel_requested = True

    assert house.finished(operation_id).state == "cancelled"
    assert app not in [one.name for one in house.fly.apps.list()]
    assert house.workspace(workspace_id).problem.startswith("Cancelled")


def test_cancel_ends_it_between_steps(house: House, alice: int) -> None:
    house.cloud.set_faults(status=503, path_contains="/suspend")
    operation_id = house.ask(alice, K.SUSPEND)
    eventually(lambda: house.operation(operation_id).state == "running")

    with house.sessions.begin() as session:
        session.get_one(Operation, operation_id).cancel_requested = True

    operation = house.finished(operation_id)
    assert operation.state == "cancelled"
    assert house.workspace(alice).state == "started"
