"""A restore that is killed, begun anew, or sent to a volume that holds something."""

import os
import random
import time
from pathlib import Path

import pytest

from archiver import standing
from jarvis_admin.models import Archive
from tests.archiver import trees
from tests.archiver.depot import Depot

MARK = ".jarvis-restoring-a1"


@pytest.fixture
def archive(depot: Depot, tree: Path) -> Archive:
    for number in range(20):
        (tree / f"zz {number:02}").write_bytes(random.Random(number).randbytes(1_000_000))
    return depot.archive(tree)


@pytest.mark.parametrize("last", ["absolute", "hard link", "zz 03", "zz 19"])
def test_killed_it_begins_anew(
    depot: Depot, archive: Archive, tree: Path, tmp_path: Path, last: str
) -> None:
    back = tmp_path / "back"
    back.mkdir()
    process = depot.start(depot.restore_ticket(archive, back))
    while not (back / last).is_symlink() and not (back / last).exists():
        assert process.poll() is None
        time.sleep(0.001)
    process.kill()
    process.communicate()
    assert (back / MARK).exists()
    (back / "empty folder").mkdir(exist_ok=True)
    (back / "empty folder" / "half of something").write_text("half")

    code, told = depot.restore(archive, back)

    assert code == 0, told
    assert trees.look(back) == trees.look(tree)


def test_killed_when_the_marker_had_gone_it_ends_well(
    depot: Depot, archive: Archive, tree: Path, tmp_path: Path
) -> None:
    back = tmp_path / "back"
    depot.restore(archive, back)
    (back / MARK).touch()
    (back / MARK).unlink()  # which is how the root got its present time

    code, told = depot.restore(archive, back)

    assert code == 0, told
    assert trees.look(back) == trees.look(tree)


def test_begun_again_after_its_end_it_changes_nothing(
    depot: Depot, archive: Archive, tree: Path, tmp_path: Path
) -> None:
    depot.restore(archive, tmp_path / "back")
    inode = (tmp_path / "back" / "large").stat().st_ino

    code, told = depot.restore(archive, tmp_path / "back")

    assert code == 0, told
    assert trees.look(tmp_path / "back") == trees.look(tree)
    assert (tmp_path / "back" / "large").stat().st_ino == inode


@pytest.mark.parametrize("name", ["mine", "lost+found/mine", ".jarvis-restoring-a2", "plain.txt"])
def test_what_is_not_its_own_stays_untouched(
    depot: Depot, archive: Archive, tmp_path: Path, name: str
) -> None:
    mine = tmp_path / "back" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("of great value")
    before = trees.look(tmp_path / "back")

    code, told = depot.restore(archive, tmp_path / "back")

    assert code == 68
    assert told.startswith("The volume is not empty and was left as it is: ")
    assert trees.look(tmp_path / "back") == before


def test_a_full_volume_that_differs_in_one_byte_is_refused(
    depot: Depot, archive: Archive, tmp_path: Path
) -> None:
    depot.restore(archive, tmp_path / "back")
    file = tmp_path / "back" / "zz 19"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    before = trees.look(tmp_path / "back")

    code, told = depot.restore(archive, tmp_path / "back")

    assert (code, told.count("'zz 19' has another time.")) == (68, 1)
    assert trees.look(tmp_path / "back") == before


def test_a_folder_in_the_markers_place_is_no_marker(tmp_path: Path) -> None:
    (tmp_path / MARK).mkdir()

    assert standing.look(bytes(tmp_path), "a1") is standing.Standing.ANOTHER


def test_clearing_goes_deep_and_not_astray(tmp_path: Path) -> None:
    standing.mark(bytes(tmp_path), "a1")
    (tmp_path / "outside").symlink_to("/etc")
    deep = str(tmp_path)
    for _ in range(1500):  # deeper than calls can be nested
        deep += "/d"
        os.mkdir(deep)
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "lost+found" / "ours").touch()

    standing.clear(bytes(tmp_path), "a1")

    assert {path.name for path in tmp_path.iterdir()} == {MARK, "lost+found"}
    assert standing.look(bytes(tmp_path), "a1") is standing.Standing.BEGUN
    assert not list((tmp_path / "lost+found").iterdir())
    assert Path("/etc/passwd").exists()
