"""Archives end to end: a real worker, real machines, a real folder behind signed URLs."""

import random
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from archiver.manifest import Reader
from archiver.unpacking import Packs, unpack
from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.models import Archive, Interval, Transition, UserKey
from jarvis_admin.services import archive_checks, archives, ledger_proof
from jarvis_admin.services.archive_tickets import manifest_key, pack_key
from jarvis_admin.storage import open_store
from tests.archiver import trees
from tests.jobs.conftest import archives_of
from tests.jobs.killing import kill_in_every_step
from tests.jobs.worker_process import House, eventually

_numbers = count(1)


@pytest.fixture
def alice(house: House) -> int:
    workspace_id = house.add_workspace(f"arch{next(_numbers)}")
    house.done(workspace_id, K.PROVISION)
    return workspace_id


def disk(house: House, workspace_id: int) -> Path:
    return house.cloud.state / "volumes" / str(house.workspace(workspace_id).volume_id)


def newest(house: House, workspace_id: int) -> Archive:
    with house.sessions() as session:
        found = select(Archive).where(Archive.workspace_id == workspace_id)
        return session.scalars(found.order_by(Archive.started_at.desc())).first()


def restore(house: House, archive: Archive, target: Path) -> None:
    store = open_store(house.settings)
    with house.sessions() as session:
        ring = archives.keys(session, session.merge(archive), house.settings)
    sealed = store.stream(manifest_key(archive.folder))
    reader = Reader(sealed, ring.of(archive.id).manifest, archive.id)
    target.mkdir()
    fetch = archive_checks.fetcher(store, archive.folder)
    unpack(reader, Packs(fetch, lambda one: ring.of(one).packs), bytes(target))


def assert_nothing_left_at_fly(house: House, workspace_id: int) -> None:
    row = house.workspace(workspace_id)
    (machine,) = [m for m in house.fly.machines.list(row.app_name) if m.state != "destroyed"]
    (volume,) = [v for v in house.fly.volumes.list(row.app_name) if not v.gone]
    assert (machine.id, volume.id) == (row.machine_id, row.volume_id)


@pytest.mark.parametrize("asleep", [None, K.SUSPEND, K.STOP], ids=["awake", "suspended", "stopped"])
def test_an_archive_holds_the_very_tree(
    house: House, alice: int, tmp_path: Path, asleep: K | None
) -> None:
    if asleep is not None:
        house.done(alice, asleep)
    before = house.workspace(alice)
    machine = house.fly.machines.get(before.app_name, before.machine_id)
    trees.build(disk(house, alice) / "tree")

    house.done(alice, K.ARCHIVE)

    archive = newest(house, alice)
    restore(house, archive, tmp_path / "back")
    assert trees.look(tmp_path / "back") == trees.look(disk(house, alice))
    assert (archive.state, archive.snapshot_at is not None) == ("stored", True)
    assert archive.files > len(trees.NAMES)
    assert_nothing_left_at_fly(house, alice)
    after = house.fly.machines.get(before.app_name, before.machine_id)
    assert (after.state, after.instance_id) == (machine.state, machine.instance_id)
    assert [event.id for event in after.events] == [event.id for event in machine.events]
    assert house.workspace(alice).state == before.state
    with house.sessions() as session:
        machines = select(Transition.machine_id).where(Transition.workspace_id == alice)
        assert set(session.scalars(machines)) == {before.machine_id}, "not a story of theirs"


def test_what_it_cost_is_in_the_ledger_to_the_second(house: House, alice: int) -> None:
    before = house.workspace(alice)
    trees.build(disk(house, alice) / "tree")

    house.done(alice, K.ARCHIVE)

    archive = newest(house, alice)
    with house.sessions() as session:
        ours = select(Interval).where(Interval.workspace_id == alice)
        found = [*session.scalars(ours.order_by(Interval.started_at))]
        helper = [row for row in found if row.component == "helper"]
        (store,) = [row for row in found if row.component == "archive"]
        proof = ledger_proof.verify(session, ledger_proof.chunks(session))
        assert not any(proof)
    assert (store.resource_id, store.size) == (archive.id, f"{archive.stored_bytes} B")
    assert (store.started_at, store.ended_at) == (archive.finished_at, None)
    volume = [row for row in helper if row.size.endswith(" GB")]
    assert len({row.resource_id for row in volume}) == 1
    (machine_id,) = {row.resource_id for row in helper if row not in volume}
    seen = house.fly.machines.get(before.app_name, machine_id)
    began, ended = (pick(event.at for event in seen.events) for pick in (min, max))
    machine = [row for row in helper if row not in volume]
    assert (machine[0].started_at, machine[-1].ended_at) == (began, ended)
    assert not any(row.estimated for row in helper)
    assert all(archive.started_at <= row.started_at for row in helper)


def test_the_second_archive_sends_only_what_is_new(
    house: House, alice: int, tmp_path: Path
) -> None:
    trees.build(disk(house, alice) / "tree")
    house.done(alice, K.ARCHIVE)
    first = newest(house, alice)
    (disk(house, alice) / "tree" / "new").write_bytes(b"new")

    house.done(alice, K.ARCHIVE)

    second = newest(house, alice)
    restore(house, second, tmp_path / "back")
    assert trees.look(tmp_path / "back") == trees.look(disk(house, alice))
    assert (second.base_id, second.needs) == (first.id, [first.id])
    assert second.stored_bytes < first.stored_bytes / 10


def test_a_store_that_is_away_ends_it_before_anything_is_made(house: House, alice: int) -> None:
    folder = archives_of(house.cloud)
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("a file where the folder should be")
    try:
        operation = house.finished(house.ask(alice, K.ARCHIVE))
    finally:
        folder.unlink()
        away.rename(folder)

    assert operation.state == "failed"
    assert "The object store could not" in operation.error
    assert_nothing_left_at_fly(house, alice)


def test_a_lost_master_key_is_found_before_anything_is_made(house: House, alice: int) -> None:
    house.done(alice, K.ARCHIVE)
    with house.sessions.begin() as session:
        archive = session.merge(newest(house, alice))
        session.get_one(UserKey, archive.key_id).master_check = "0123456789abcdef"

    operation = house.finished(house.ask(alice, K.ARCHIVE))

    assert operation.state == "failed"
    assert "was wrapped by master key 0123456789abcdef" in operation.error
    assert_nothing_left_at_fly(house, alice)


def test_an_archiver_that_cannot_read_ends_with_its_sentence(house: House, alice: int) -> None:
    house.done(alice, K.ARCHIVE)
    first = newest(house, alice)
    archives_of(house.cloud).joinpath(manifest_key(first.folder)).write_bytes(b"JVS1 and no more")

    operation = house.finished(house.ask(alice, K.ARCHIVE))

    assert operation.error == "The manifest of the archive before is damaged or has another key."
    failed = newest(house, alice)
    assert (failed.state, failed.error) == ("failed", operation.error)
    assert not list(archives_of(house.cloud).joinpath(failed.folder).glob("*"))
    assert_nothing_left_at_fly(house, alice)

    house.done(alice, K.ARCHIVE)
    assert newest(house, alice).base_id is None, "what is damaged is not built upon again"


def test_packs_of_the_archive_before_that_are_gone_are_noticed(house: House, alice: int) -> None:
    (disk(house, alice) / "note").write_text("kept")
    house.done(alice, K.ARCHIVE)
    archives_of(house.cloud).joinpath(pack_key(newest(house, alice).folder, 1)).unlink()

    operation = house.finished(house.ask(alice, K.ARCHIVE))
    house.done(alice, K.ARCHIVE)

    assert "pack-00001 of an earlier archive is gone" in operation.error
    assert newest(house, alice).base_id is None


def test_an_archiver_that_is_killed_begins_anew(house: House, alice: int, tmp_path: Path) -> None:
    (disk(house, alice) / "random").write_bytes(random.Random(1).randbytes(150_000_000))
    operation_id = house.ask(alice, K.ARCHIVE)

    victim = eventually(archiver_process, within=20)
    victim.kill()

    assert house.finished(operation_id, within=60).state == "done"
    restore(house, newest(house, alice), tmp_path / "back")
    assert trees.look(tmp_path / "back") == trees.look(disk(house, alice))
    assert_nothing_left_at_fly(house, alice)


def archiver_process() -> psutil.Process | None:
    """Of ours: a child of this very process, in which Local Fly lives."""
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if child.cmdline()[1:3] == ["-m", "archiver"]:
                return child
    return None


@pytest.mark.kill
@pytest.mark.timeout(240)
def test_killed_at_every_step_nothing_is_lost_or_left(
    database_url: str, open_on: Callable[[str], House], tmp_path: Path
) -> None:
    house = open_on(database_url)
    house.start_worker()
    bob = house.add_workspace(f"kill{house.engine.dialect.name}")
    house.done(bob, K.PROVISION)
    trees.build(disk(house, bob) / "tree")
    house.cloud.set_faults(latency_ms=120)

    operation, kills = kill_in_every_step(house, house.ask(bob, K.ARCHIVE))

    house.cloud.set_faults()
    assert operation.state == "done", operation.error
    assert kills >= 7
    restore(house, newest(house, bob), tmp_path / "back")
    assert trees.look(tmp_path / "back") == trees.look(disk(house, bob))
    assert_nothing_left_at_fly(house, bob)


def test_what_an_earlier_archive_left_at_fly_is_removed(house: House, alice: int) -> None:
    row = house.workspace(alice)
    left = house.fly.volumes.create(row.app_name, name="ar_0123", region="fra", size_gb=1)
    house.fly.machines.create(
        row.app_name,
        name="archiver-0123",
        region="fra",
        config={
            "image": row.image,
            "mounts": [{"volume": left.id, "path": "/volume"}],
            "metadata": {
                "jarvis_fleet": "jv",
                "jarvis_env": "test",
                "jarvis_archive": "0123",
            },
        },
    )

    house.done(alice, K.ARCHIVE)

    assert_nothing_left_at_fly(house, alice)
