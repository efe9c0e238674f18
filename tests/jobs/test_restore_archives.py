"""An archive comes back, byte by byte, or says in one sentence why not and burns nothing."""

from itertools import count
from pathlib import Path

import pytest

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.domain.restores import Kind
from jarvis_admin.models import Restore, UserKey
from jarvis_admin.services.archive_tickets import pack_key
from jarvis_admin.services.restores import Asked
from tests.archiver import trees
from tests.jobs.conftest import archives_of
from tests.jobs.test_archives import newest
from tests.jobs.test_restores import ask, at_fly, disk, done, files, load, urls_left
from tests.jobs.worker_process import House

_numbers = count(1)


@pytest.fixture
def alice(house: House) -> int:
    workspace_id = house.add_workspace(f"back{next(_numbers)}")
    house.done(workspace_id, K.PROVISION)
    return workspace_id


@pytest.fixture
def archived(house: House, alice: int) -> Asked:
    trees.build(files(house, alice) / "tree")
    house.done(alice, K.ARCHIVE)
    return Asked(Kind.RESTORE, archive_id=newest(house, alice).id)


def wreck(house: House, workspace_id: int) -> dict[str, object]:
    """What the tree was, before an upgrade went wrong."""
    root = files(house, workspace_id)
    before = trees.look(root / "tree")
    (root / "tree" / "wrecked").write_text("by an upgrade")
    return before


def test_the_very_tree_comes_back_from_outside_of_fly(
    house: House, alice: int, archived: Asked
) -> None:
    before = wreck(house, alice)

    row = done(house, alice, archived)

    assert trees.look(files(house, alice) / "tree") == before
    assert row.compared_files == newest(house, alice).files
    assert (disk(house, row.parked_volume_id) / "tree" / "wrecked").exists()
    machines, volumes = at_fly(house, alice)
    assert machines == {row.machine_id: "started", row.parked_machine_id: "stopped"}
    assert volumes == {row.volume_id, row.parked_volume_id}
    assert not urls_left(house, alice)


def test_an_incremental_one_comes_back_with_what_it_builds_upon(
    house: House, alice: int, archived: Asked
) -> None:
    (files(house, alice) / "tree" / "later").write_text("later")
    house.done(alice, K.ARCHIVE)
    assert newest(house, alice).needs == [archived.archive_id]
    before = wreck(house, alice)

    done(house, alice, Asked(Kind.RESTORE, archive_id=newest(house, alice).id))

    assert trees.look(files(house, alice) / "tree") == before


def test_a_lost_host_comes_back_from_the_archive_in_another_region(
    house: House, alice: int, archived: Asked
) -> None:
    home = house.workspace(alice).region
    before = trees.look(files(house, alice) / "tree")
    house.cloud.set_faults(unreachable_regions=[home])

    row = done(house, alice, Asked(Kind.RESTORE, archive_id=archived.archive_id))

    assert house.workspace(alice).region == row.region != home
    assert trees.look(files(house, alice) / "tree") == before


def refused(house: House, workspace_id: int, asked: Asked) -> Restore:
    """It failed, and everything is as it was."""
    before, at_fly_before = house.workspace(workspace_id), at_fly(house, workspace_id)
    tree = trees.look(files(house, workspace_id) / "tree")

    row = ask(house, workspace_id, asked)

    assert house.finished(row.operation_id, within=60).state == "failed"
    after = house.workspace(workspace_id)
    assert (after.machine_id, after.volume_id) == (before.machine_id, before.volume_id)
    assert at_fly(house, workspace_id) == at_fly_before
    assert not house.fly.machines.get(after.app_name, after.machine_id).cordoned
    assert trees.look(files(house, workspace_id) / "tree") == tree
    assert not urls_left(house, workspace_id)
    return load(house, row)


def pack(house: House, workspace_id: int) -> Path:
    return archives_of(house.cloud) / pack_key(newest(house, workspace_id).folder, 1)


def test_a_tampered_archive_is_found_and_nothing_is_touched(
    house: House, alice: int, archived: Asked
) -> None:
    sealed = bytearray(pack(house, alice).read_bytes())
    sealed[len(sealed) // 2] ^= 1
    pack(house, alice).write_bytes(sealed)

    assert "The archive is damaged" in refused(house, alice, archived).error


def test_a_truncated_archive_is_found_before_a_machine_is_made(
    house: House, alice: int, archived: Asked
) -> None:
    pack(house, alice).write_bytes(pack(house, alice).read_bytes()[:-100])

    assert "is not what was stored" in refused(house, alice, archived).error


def test_another_key_is_found_before_anything_is_made(
    house: House, alice: int, archived: Asked
) -> None:
    with house.sessions.begin() as session:
        key = session.get_one(UserKey, newest(house, alice).key_id)
        key.master_check = "0123456789abcdef"

    assert "was wrapped by master key" in refused(house, alice, archived).error


def test_a_store_that_is_away_is_told_and_nothing_is_touched(
    house: House, alice: int, archived: Asked
) -> None:
    folder = archives_of(house.cloud)
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("a file where the folder should be")
    try:
        assert "object store" in refused(house, alice, archived).error
    finally:
        folder.unlink()
        away.rename(folder)
