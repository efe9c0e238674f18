"""Restore drills end to end: real archives, real machines, nothing left at Fly."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select, update

from jarvis_admin.console import create_app
from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.domain.regions import fallbacks
from jarvis_admin.models import Archive, Drill, Operation, Workspace
from jarvis_admin.services import drills, operations, proof
from jarvis_admin.services.archive_tickets import manifest_key, pack_key
from tests.archiver import trees
from tests.jobs.conftest import archives_of
from tests.jobs.killing import kill_in_every_step, running_step
from tests.jobs.test_archives import disk, newest
from tests.jobs.worker_process import House, eventually, now

_numbers = count(1)


@pytest.fixture
def alice(house: House) -> int:
    return archived(house, f"drill{next(_numbers)}")


def archived(house: House, handle: str) -> int:
    workspace_id = house.add_workspace(handle)
    house.done(workspace_id, K.PROVISION)
    trees.build(disk(house, workspace_id) / "tree")
    house.done(workspace_id, K.ARCHIVE)
    return workspace_id


def ask(house: House, workspace_id: int) -> str:
    with house.sessions.begin() as session:
        archive = session.merge(newest(house, workspace_id))
        return drills.ask(session, archive, asked_by="a test", now=now(), enqueue=house.enqueue).id


def drilled(house: House, workspace_id: int) -> Operation:
    return house.finished(ask(house, workspace_id), within=60)


def row_of(house: House, operation_id: str) -> Drill:
    with house.sessions() as session:
        return session.scalars(select(Drill).where(Drill.operation_id == operation_id)).one()


def assert_no_drill_at_fly(house: House) -> None:
    assert [app.name for app in house.fly.apps.list() if "-drill-" in app.name] == []


def refusal(house: House, workspace_id: int) -> str:
    with house.sessions() as session:
        return proof.refusal(session, session.get_one(Workspace, workspace_id), now()) or ""


def pack_of(house: House, archive: Archive) -> Path:
    return archives_of(house.cloud) / pack_key(archive.folder, 1)


def test_a_drill_proves_the_archive_and_leaves_nothing(house: House, alice: int) -> None:
    before = house.workspace(alice)
    machine = house.fly.machines.get(before.app_name, before.machine_id)
    assert "was never proven restorable" in refusal(house, alice)

    operation = drilled(house, alice)

    assert operation.state == "done", operation.error
    row, archive = row_of(house, operation.id), newest(house, alice)
    assert (row.state, row.files, row.bytes) == ("passed", archive.files, archive.bytes)
    assert row.files > len(trees.NAMES)
    assert 0 < row.boot_ms < 30_000
    assert archive.proven_at is not None
    assert (archive.drilled_at, archive.drill_error) == (archive.proven_at, "")
    assert refusal(house, alice) == ""
    assert_no_drill_at_fly(house)
    assert not list(archives_of(house.cloud).joinpath(archive.folder).glob("restore-*"))
    after = house.fly.machines.get(before.app_name, before.machine_id)
    assert [event.id for event in after.events] == [event.id for event in machine.events]


def test_a_drill_keeps_nobody_from_their_machine(house: House, alice: int) -> None:
    operation_id = ask(house, alice)

    house.done(alice, K.SUSPEND)

    assert house.finished(operation_id, within=60).state == "done"
    assert house.workspace(alice).state == "suspended"


def test_a_changed_pack_fails_the_drill_and_blocks_what_destroys(house: House, alice: int) -> None:
    archive = newest(house, alice)
    pack = pack_of(house, archive)
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.write_bytes(content)

    operation = drilled(house, alice)

    assert operation.state == "failed"
    assert "The archive is damaged" in operation.error
    assert row_of(house, operation.id).error == operation.error
    archive = newest(house, alice)
    assert (archive.drill_error, archive.proven_at) == (operation.error, None)
    assert "failed its last restore drill: The archive is damaged" in refusal(house, alice)
    assert_no_drill_at_fly(house)


@pytest.mark.parametrize("lost", [manifest_key, lambda folder: pack_key(folder, 1)])
def test_a_lost_object_is_the_archives_fault(
    house: House, alice: int, lost: Callable[[str], str]
) -> None:
    archives_of(house.cloud).joinpath(lost(newest(house, alice).folder)).unlink()

    operation = drilled(house, alice)

    assert "is not in the object store" in operation.error
    assert newest(house, alice).drill_error == operation.error
    assert_no_drill_at_fly(house)


def test_a_full_fly_is_not_held_against_the_archive(house: House, alice: int) -> None:
    house.cloud.set_faults(full_volume_regions=fallbacks("fra"))

    operation = drilled(house, alice)

    assert operation.state == "failed"
    assert "Fly has no room" in operation.error
    archive = newest(house, alice)
    assert (archive.drill_error, archive.drilled_at is not None) == ("", True)
    assert "was never proven restorable" in refusal(house, alice)
    assert row_of(house, operation.id).state == "failed"
    assert_no_drill_at_fly(house)


def test_with_no_room_near_the_user_it_goes_on_next_door(house: House, alice: int) -> None:
    house.cloud.set_faults(full_volume_regions=["fra"])

    assert drilled(house, alice).state == "done"


def test_a_silent_store_is_not_held_against_the_archive(house: House, alice: int) -> None:
    folder = archives_of(house.cloud)
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("a file where the folder should be")
    try:
        operation = drilled(house, alice)
    finally:
        folder.unlink()
        away.rename(folder)

    assert "The object store could not" in operation.error
    assert newest(house, alice).drill_error == ""
    assert_no_drill_at_fly(house)


def test_a_machine_that_never_answers_fails_the_drill(house: House, alice: int) -> None:
    with house.sessions.begin() as session:
        image = "registry.fly.io/jarvis-workspace:mute"
        house.cloud.learn_images({image: ["false"]})
        session.merge(house.workspace(alice)).image = image

    operation = drilled(house, alice)

    assert "The machine on the restored files ended by itself" in operation.error
    assert newest(house, alice).drill_error == operation.error
    assert_no_drill_at_fly(house)


def test_a_cancelled_drill_leaves_nothing_and_blames_nobody(house: House, alice: int) -> None:
    house.cloud.set_faults(status=503, path_contains="/volumes")
    operation_id = ask(house, alice)
    eventually(lambda: running_step(house, operation_id) == "Make an empty volume")
    with house.sessions.begin() as session:
        operation = session.get_one(Operation, operation_id)
        operations.request_cancel(session, operation, asked_by="a test", now=now())

    assert house.finished(operation_id).state == "cancelled"
    assert newest(house, alice).drill_error == ""
    assert row_of(house, operation_id).state == "failed"
    house.cloud.set_faults()
    assert_no_drill_at_fly(house)


def test_the_command_waits_and_tells_each_outcome(house: House, alice: int) -> None:
    with house.sessions.begin() as session:  # those of other tests
        session.execute(update(Archive).where(Archive.workspace_id != alice).values(gone_at=now()))
    bob = archived(house, f"drill{next(_numbers)}")
    pack_of(house, newest(house, bob)).unlink()
    app = create_app(house.settings)

    told = app.test_cli_runner().invoke(args=["backups", "drill", "--count", "5"])

    app.extensions["engine"].dispose()
    assert told.exit_code == 1
    assert "2 drills are asked for." in told.output
    files = newest(house, alice).files
    assert f"{newest(house, alice).id}  {files} files" in told.output
    assert f"FAILED  {house.workspace(bob).handle}" in told.output
    assert "1 drills failed." in told.output


@pytest.mark.kill
@pytest.mark.timeout(240)
def test_killed_at_every_step_the_drill_ends_and_leaves_nothing(
    database_url: str, open_on: Callable[[str], House]
) -> None:
    house = open_on(database_url)
    house.start_worker()
    bob = archived(house, f"kd{house.engine.dialect.name}")
    house.cloud.set_faults(latency_ms=120)

    operation, kills = kill_in_every_step(house, ask(house, bob))

    house.cloud.set_faults()
    assert operation.state == "done", operation.error
    assert kills >= 5
    assert newest(house, bob).proven_at is not None
    assert row_of(house, operation.id).state == "passed"
    assert_no_drill_at_fly(house)
